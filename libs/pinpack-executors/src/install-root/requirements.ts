/** What installing RPMs for real needs on this machine, and the packages that bring it. */
import { PinpackError } from '../pinpack-error.js';
import { findMissing, runProgram, type Requirement } from '@pinpack/common/program';

export const REQUIREMENTS: readonly Requirement[] = [
  { program: 'rpm', debian: 'rpm', fedora: 'rpm' },
  { program: 'dnf', debian: 'dnf', fedora: 'dnf' },
  { program: 'createrepo_c', debian: 'createrepo-c', fedora: 'createrepo_c' },
  { program: 'bwrap', debian: 'bubblewrap', fedora: 'bubblewrap' },
  { program: 'python3', debian: 'python3', fedora: 'python3' },
];

const SUBJECT = 'installing RPMs to try them';

/** One line for each thing that is missing or wrong, then the packages that mend it. */
export function formatRequirements(missing: readonly Requirement[], problems: readonly string[]): string[] {
  const packages = (family: 'debian' | 'fedora') => [...new Set(missing.map((each) => each[family]))].join(' ');
  const install = [`On Debian: apt-get install ${packages('debian')}`, `On Fedora: dnf install ${packages('fedora')}`];
  return [
    'it cannot be done on this machine',
    ...missing.map(({ program }) => `${program} is not installed`),
    ...problems,
    ...(missing.length === 0 ? [] : install),
  ];
}

/** @throws PinpackError `PINPACK_INSTALL_UNUSABLE` that names everything that is missing */
export async function checkRequirements(path = process.env.PATH ?? ''): Promise<void> {
  const missing = await findMissing(REQUIREMENTS, path);
  const problems = missing.some(({ program }) => program === 'bwrap') ? [] : await findSandboxProblems();
  if (missing.length === 0 && problems.length === 0) return;
  throw new PinpackError('PINPACK_INSTALL_UNUSABLE', SUBJECT, formatRequirements(missing, problems));
}

async function findSandboxProblems(): Promise<string[]> {
  // In a user's own namespace the overlay cannot copy up /usr's folders, whose owner does not exist there.
  if (process.getuid?.() !== 0) return ['installing needs root: run it with sudo'];
  const namespaces = ['--unshare-all', '--uid', '0', '--gid', '0'];
  const result = await runProgram('bwrap', [...namespaces, '--ro-bind', '/', '/', 'true']);
  if (!result.failed) return [];
  return [`bwrap cannot make a sandbox: ${result.stderr.trim()}`, 'In a container, allow it mounts and namespaces.'];
}
