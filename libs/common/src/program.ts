/** Programs run by argument arrays; a result is for the caller to judge, a failure that nobody asks for is an error. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { CodedError } from './coded-error.js';

/** What is looked at of execa's result; `all` is both outputs in the order they came. No `exitCode` where a signal ended it. */
export interface ProgramResult {
  command: string;
  failed: boolean;
  exitCode?: number | undefined;
  signal?: string | undefined;
  stdout: string;
  stderr: string;
  all: string;
  /** The cause of a failure, without the output. */
  shortMessage?: string | undefined;
}

export interface ProgramOptions {
  env?: Record<string, string>;
  input?: string;
  cwd?: string;
}

const LAST_LINES = 20;

export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  // Messages are compared, so they are not translated.
  const env = { LC_ALL: 'C.UTF-8', ...options.env };
  return execa(file, args, { ...options, env, reject: false, all: true });
}

/** Runs a program that must succeed and gives its standard output. @throws CodedError `PINPACK_PROGRAM_FAILED` */
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

/** Those whose program is on no folder of `path`. */
export async function findMissing(requirements: readonly Requirement[], path: string): Promise<Requirement[]> {
  const found = await Promise.all(requirements.map(({ program }) => isOnPath(program, path)));
  return requirements.filter((_, index) => found[index] === false);
}

export async function isOnPath(program: string, path: string): Promise<boolean> {
  const tries = path.split(delimiter).map((folder) => access(join(folder, program), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}
