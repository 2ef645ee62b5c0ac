/** Checks that this machine can install RPMs into a root, and names the packages to install if it cannot. */
import { PinpackError } from '../pinpack-error.js';
import { findMissing, runProgram, type Requirement } from '@pinpack/common/program';

export const REQUIREMENTS: readonly Requirement[] = [
  { program: 'rpm', debian: 'rpm', fedora: 'rpm' },
  { program: 'dnf', debian: 'dnf', fedora: 'dnf' },
  { program: 'createrepo_c', debian: 'createrepo-c', fedora: 'createrepo_c' },
  { program: 'bwrap', debian: 'bubblewrap', fedora: 'bubblewrap' },
  { program: 'python3', debian: 'python3', fedora: 'python3' },
];

const SUBJECT = 'install root';

/** One line for each problem, then the packages that fix it. */
export function formatRequirements(missing: readonly Requirement[], problems: readonly string[]): string[] {
  const packages = (family: 'debian' | 'fedora') => [...new Set(missing.map((each) => each[family]))].join(' ');
  const install = [`On Debian: apt-get install ${packages('debian')}`, `On Fedora: dnf install ${packages('fedora')}`];
  return [
    'RPMs cannot be installed into a root on this machine',
    ...missing.map(({ program }) => `${program} is not installed`),
    ...problems,
    ...(missing.length === 0 ? [] : install),
  ];
}

/** @throws PinpackError `PINPACK_INSTALL_UNUSABLE` with every problem */
export async function checkRequirements(path = process.env.PATH ?? ''): Promise<void> {
  const missing = await findMissing(REQUIREMENTS, path);
  const problems = missing.some(({ program }) => program === 'bwrap') ? [] : await findSandboxProblems();
  if (missing.length === 0 && problems.length === 0) return;
  throw new PinpackError('PINPACK_INSTALL_UNUSABLE', SUBJECT, formatRequirements(missing, problems));
}

async function findSandboxProblems(): Promise<string[]> {
  // In a user namespace the overlay cannot copy up the folders of /usr, whose owner does not exist there.
  if (process.getuid?.() !== 0) return ['installing needs root: run it with sudo'];
  const namespaces = ['--unshare-all', '--uid', '0', '--gid', '0'];
  const result = await runProgram('bwrap', [...namespaces, '--ro-bind', '/', '/', 'true']);
  if (!result.failed) return [];
  return [`bwrap cannot make a sandbox: ${result.stderr.trim()}`, 'In a container, allow mounts and namespaces.'];
}
