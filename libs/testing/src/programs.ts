/** Runs real programs for specs without a shell, and creates temporary folders that are removed after the specs of a file. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, describe, type TestContext } from 'vitest';

const PROGRAM_PATHS = [...(process.env.PATH ?? '').split(delimiter), '/usr/lib/rpm'];

const folders: string[] = [];

// Registered here: a hook that a running test registers is never called.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-'));
  folders.push(folder);
  return folder;
}

/** Skips the test, with the reason, if the program is not installed. */
export async function needProgram({ skip }: TestContext, program: string, ...words: string[]): Promise<void> {
  const { failed } = await execa(program, words.length > 0 ? words : ['--version'], { reject: false });
  if (failed) skip(`${program} is not installed: tools/setup-system.sh installs it`);
}

export interface Needs {
  programs: readonly string[];
  root?: boolean;
}

/** A `describe` that is skipped, with the reason in its title, if a program is missing or root is needed. */
export function describeWith(needs: readonly string[] | Needs, title: string, body: () => void): void {
  const { programs, root = false } = 'programs' in needs ? needs : { programs: needs };
  const missing = programs.filter((program) => !isInstalled(program)).map((program) => `not installed: ${program}`);
  if (root && process.getuid?.() !== 0) missing.push('needs root');
  const reason = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(title + reason, body);
}

function isInstalled(program: string): boolean {
  return PROGRAM_PATHS.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const ENVIRONMENT = { LC_ALL: 'C.UTF-8', TZ: 'UTC' };

/** Standard output; a program that fails fails the test with its output. */
export function run(program: string, args: readonly string[], options: { cwd?: string; input?: string } = {}): string {
  return execaSync(program, args, { env: ENVIRONMENT, stripFinalNewline: false, ...options }).stdout;
}

/** Standard output as bytes. */
export function runForBytes(program: string, args: readonly string[], input?: Uint8Array): Uint8Array {
  const options = { encoding: 'buffer', stripFinalNewline: false, ...(input === undefined ? {} : { input }) } as const;
  return execaSync(program, args, options).stdout;
}

/** Exit code and output of a program that may fail. */
export interface Attempt {
  exitCode: number;
  output: string;
}

export function attemptSync(program: string, args: readonly string[]): Attempt {
  const { exitCode, all } = execaSync(program, args, { all: true, reject: false, env: ENVIRONMENT });
  return { exitCode: exitCode ?? -1, output: all };
}

/** For programs that talk to a server of the test's own process. */
export async function attempt(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Attempt> {
  const result = await execa(program, args, { all: true, reject: false, env: { ...ENVIRONMENT, ...env } });
  return { exitCode: result.exitCode ?? -1, output: result.all };
}
