/** Runs the programs that make deltas, metadata and signatures, and names the packages of a program that is not installed. */
import { findOnPath, runForBytes, type BinaryResult, type ProgramOptions } from '@pinpack/common/program';
import { RepoError } from './repo-error.js';

/** The packages that provide each program. */
const PACKAGES = {
  makedeltarpm: { debian: 'deltarpm', fedora: 'deltarpm' },
  applydeltarpm: { debian: 'deltarpm', fedora: 'deltarpm' },
  createrepo_c: { debian: 'createrepo-c', fedora: 'createrepo_c' },
  modifyrepo_c: { debian: 'createrepo-c', fedora: 'createrepo_c' },
  gpg: { debian: 'gnupg', fedora: 'gnupg2' },
} as const;

export type Program = keyof typeof PACKAGES;

export interface ProgramResult {
  failed: boolean;
  stdout: Buffer;
  /** The exit code and the last lines of the output, for messages. */
  outputTail: string;
}

const LAST_LINES = 10;

/** Returns a failure for the caller to judge. @throws RepoError `REPO_PROGRAM_MISSING` */
export async function tryProgram(
  program: Program,
  args: readonly string[],
  { env = {}, ...options }: ProgramOptions = {},
): Promise<ProgramResult> {
  // gpg prints times in the local zone.
  const result = await runForBytes(program, args, { ...options, env: { TZ: 'UTC', ...env } });
  if (result.code === 'ENOENT') throw missing(program);
  return { failed: result.failed, stdout: result.stdout, outputTail: formatTail(result) };
}

/** The standard output of a program that must succeed. @throws RepoError `REPO_PROGRAM_MISSING`, `REPO_PROGRAM_FAILED` */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Buffer> {
  const { failed, stdout, outputTail } = await tryProgram(program, args, options);
  if (!failed) return stdout;
  throw new RepoError('REPO_PROGRAM_FAILED', program, [outputTail, `The command was: ${[program, ...args].join(' ')}`]);
}

/** The path of a program on PATH. @throws RepoError `REPO_PROGRAM_MISSING` */
export async function findProgram(program: Program, path = process.env.PATH ?? ''): Promise<string> {
  const file = await findOnPath(program, path);
  if (file === undefined) throw missing(program);
  return file;
}

function missing(program: Program): RepoError {
  const { debian, fedora } = PACKAGES[program];
  const next = `On Debian: apt-get install ${debian}; on Fedora, RHEL and similar: dnf install ${fedora}`;
  return new RepoError('REPO_PROGRAM_MISSING', program, ['is not installed', next]);
}

function formatTail({ exitCode, stderr, stdout }: BinaryResult): string {
  const output = stderr.length > 0 ? stderr : stdout;
  const lines = output.toString().trimEnd().split('\n').slice(-LAST_LINES);
  return [`exit code ${exitCode ?? 'none: a signal ended it'}`, ...lines].join('\n  ');
}
