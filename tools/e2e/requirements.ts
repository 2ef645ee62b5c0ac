/** What installing RPMs for real needs on the machine that runs the tests, and the packages that bring it. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { HarnessError } from './harness-error.js';
import { runProgram } from './program.js';

interface Requirement {
  program: string;
  debian: string;
  fedora: string;
}

export const REQUIREMENTS: readonly Requirement[] = [
  { program: 'rpm', debian: 'rpm', fedora: 'rpm' },
  { program: 'rpmbuild', debian: 'rpm', fedora: 'rpm-build' },
  { program: 'dnf', debian: 'dnf', fedora: 'dnf' },
  { program: 'createrepo_c', debian: 'createrepo-c', fedora: 'createrepo_c' },
  { program: 'bwrap', debian: 'bubblewrap', fedora: 'bubblewrap' },
  { program: 'python3', debian: 'python3', fedora: 'python3' },
];

/** `problems` is empty where the harness works. */
export function formatRequirements(missing: readonly Requirement[], problems: readonly string[]): string {
  const lines = [...missing.map(({ program }) => `${program} is not installed`), ...problems];
  const packages = (family: 'debian' | 'fedora') => [...new Set(missing.map((each) => each[family]))].join(' ');
  const install =
    missing.length === 0
      ? []
      : [`  On Debian: apt-get install ${packages('debian')}`, `  On Fedora: dnf install ${packages('fedora')}`];
  const all = missing.length === 0 ? [] : ['  All that the tests need: tools/setup-system.sh'];
  return ['RPMs cannot be installed for tests here', ...lines.map((line) => `  ${line}`), ...install, ...all].join(
    '\n',
  );
}

/** Throws one HarnessError that names everything that is missing. */
export async function checkRequirements(path = process.env.PATH ?? ''): Promise<void> {
  const found = await Promise.all(REQUIREMENTS.map(({ program }) => isOnPath(program, path)));
  const missing = REQUIREMENTS.filter((_, index) => found[index] === false);
  const problems = missing.some(({ program }) => program === 'bwrap') ? [] : await findSandboxProblems();
  if (missing.length === 0 && problems.length === 0) return;
  throw new HarnessError('HARNESS_UNUSABLE', 'tools/e2e', formatRequirements(missing, problems));
}

async function isOnPath(program: string, path: string): Promise<boolean> {
  const tries = path.split(delimiter).map((folder) => access(join(folder, program), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}

async function findSandboxProblems(): Promise<string[]> {
  // In a user's own namespace the overlay cannot copy up /usr's folders, whose owner does not exist there.
  if (process.getuid?.() !== 0) return ['The tests that install RPMs need root: run them with sudo'];
  const result = await runProgram('bwrap', [
    '--unshare-all',
    '--uid',
    '0',
    '--gid',
    '0',
    '--ro-bind',
    '/',
    '/',
    'true',
  ]);
  if (!result.failed) return [];
  return [`bwrap cannot make a sandbox: ${result.stderr.trim()}`, 'In a container, allow it mounts and namespaces'];
}
