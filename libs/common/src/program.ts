/** Runs programs by argument arrays. A failure is returned for the caller to judge; `readProgram` makes it an error. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { CodedError } from './coded-error.js';

interface Outcome {
  command: string;
  failed: boolean;
  /** `ENOENT` if the program does not exist. */
  code?: string | undefined;
  /** Undefined if a signal ended the program. */
  exitCode?: number | undefined;
  signal?: string | undefined;
  /** The cause of a failure, without the output. */
  shortMessage?: string | undefined;
}

/** The part of execa's result that callers use; `all` interleaves both outputs. */
export interface ProgramResult extends Outcome {
  stdout: string;
  stderr: string;
  all: string;
}

/** The result with the outputs as bytes, unchanged. */
export interface BinaryResult extends Outcome {
  stdout: Buffer;
  stderr: Buffer;
}

export interface ProgramOptions {
  env?: Record<string, string>;
  input?: string | Uint8Array;
  cwd?: string;
}

const LAST_LINES = 20;
/** Callers match messages, so they must not be translated. */
const ENVIRONMENT = { LC_ALL: 'C.UTF-8' };

export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return execa(file, args, { ...options, env: { ...ENVIRONMENT, ...options.env }, reject: false, all: true });
}

/** Runs a program whose output is binary. */
export async function runForBytes(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<BinaryResult> {
  const env = { ...ENVIRONMENT, ...options.env };
  const result = await execa(file, args, {
    ...options,
    env,
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
  });
  const { command, failed, code, exitCode, signal, shortMessage } = result;
  const [stdout, stderr] = [Buffer.from(result.stdout), Buffer.from(result.stderr)];
  return { command, failed, code, exitCode, signal, shortMessage, stdout, stderr };
}

/** Runs a program that must succeed, and returns its standard output. @throws CodedError `PINPACK_PROGRAM_FAILED` */
export async function readProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const result = await runProgram(file, args, options);
  if (!result.failed) return result.stdout;
  throw new CodedError('PINPACK_PROGRAM_FAILED', file, describeFailure(result), { cause: result });
}

/** One line with the command and its exit code, then the last lines of its output. */
export function describeFailure(result: ProgramResult): string {
  const output = result.all.split('\n').slice(-LAST_LINES).join('\n');
  return `${result.shortMessage ?? result.command}\n${output}`;
}

/** A program, and the packages that provide it. */
export interface Requirement {
  program: string;
  debian: string;
  fedora: string;
}

/** The requirements whose program is in none of the folders of `path`. */
export async function findMissing(requirements: readonly Requirement[], path: string): Promise<Requirement[]> {
  const found = await Promise.all(requirements.map(({ program }) => findOnPath(program, path)));
  return requirements.filter((_, index) => found[index] === undefined);
}

/** The path of the first executable file of that name in the folders of `path`. */
export async function findOnPath(program: string, path: string): Promise<string | undefined> {
  const files = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program));
  const checks = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  return files.find((_, index) => checks[index]?.status === 'fulfilled');
}
