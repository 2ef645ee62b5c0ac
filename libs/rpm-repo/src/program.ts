/** The programs that make deltas, metadata and signatures: run by argument arrays, told apart when they are missing and when they fail. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { RepoError } from './repo-error.js';

/** Packages that bring each program. */
const PACKAGES = {
  makedeltarpm: { debian: 'deltarpm', fedora: 'deltarpm' },
  applydeltarpm: { debian: 'deltarpm', fedora: 'deltarpm' },
  createrepo_c: { debian: 'createrepo-c', fedora: 'createrepo_c' },
  modifyrepo_c: { debian: 'createrepo-c', fedora: 'createrepo_c' },
  gpg: { debian: 'gnupg', fedora: 'gnupg2' },
  gpgconf: { debian: 'gnupg', fedora: 'gnupg2' },
} as const;

export type Program = keyof typeof PACKAGES;

export interface ProgramOptions {
  env?: Record<string, string>;
  input?: string | Uint8Array;
  cwd?: string;
}

export interface ProgramResult {
  failed: boolean;
  stdout: Buffer;
  /** For people: the exit code and the last lines of what it said. */
  told: string;
}

const LAST_LINES = 10;

/** A failure is for the caller to judge. @throws RepoError `REPO_PROGRAM_MISSING` */
export async function tryProgram(
  program: Program,
  args: readonly string[],
  { env = {}, ...options }: ProgramOptions = {},
): Promise<ProgramResult> {
  const result = await execa(program, args, {
    ...options,
    // Messages are read, and times told: neither in the user's language and zone.
    env: { LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 100_000_000,
    reject: false,
  });
  if (result.code === 'ENOENT') throw missing(program, result.cause);
  const stdout = Buffer.from(result.stdout);
  return { failed: result.failed, stdout, told: describe(result.exitCode, Buffer.from(result.stderr), stdout) };
}

/** The standard output of a program that must succeed. @throws RepoError `REPO_PROGRAM_MISSING`, `REPO_PROGRAM_FAILED` */
export async function runProgram(
  program: Program,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Buffer> {
  const { failed, stdout, told } = await tryProgram(program, args, options);
  if (!failed) return stdout;
  throw new RepoError('REPO_PROGRAM_FAILED', program, [told, `The command was: ${[program, ...args].join(' ')}`]);
}

/** The path of a program that PATH has. @throws RepoError `REPO_PROGRAM_MISSING` */
export async function findProgram(program: Program, path = process.env.PATH ?? ''): Promise<string> {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const file = join(folder, program);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  throw missing(program, undefined);
}

function missing(program: Program, cause: unknown): RepoError {
  const { debian, fedora } = PACKAGES[program];
  const next = `On Debian: apt-get install ${debian}; on Fedora, RHEL and their like: dnf install ${fedora}`;
  return new RepoError('REPO_PROGRAM_MISSING', program, ['is not installed', next], { cause });
}

function describe(exitCode: number | undefined, stderr: Buffer, stdout: Buffer): string {
  const said = (stderr.length > 0 ? stderr : stdout).toString().trimEnd().split('\n').slice(-LAST_LINES);
  return [`exit code ${exitCode ?? 'none: it was killed'}`, ...said].join('\n  ');
}
