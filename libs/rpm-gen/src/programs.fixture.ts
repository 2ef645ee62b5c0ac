/** Real programs for specs: run without a shell, in a folder that is removed afterwards, away from the user's own RPM database. */
import { execaSync } from 'execa';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe } from 'vitest';

const PROGRAM_PATHS = [...(process.env.PATH ?? '').split(delimiter), '/usr/lib/rpm'];

const folders: string[] = [];

// Here, because one that a test registers itself is never called.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpm-gen-'));
  folders.push(folder);
  return folder;
}

/** Standard output; a program that fails makes the spec fail with what it said. */
export function run(program: string, args: readonly string[], options: { cwd?: string; input?: string } = {}): string {
  return execaSync(program, args, { env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' }, stripFinalNewline: false, ...options })
    .stdout;
}

/** Standard output as bytes. */
export function runForBytes(program: string, args: readonly string[], input?: Uint8Array): Uint8Array {
  const options = { encoding: 'buffer', stripFinalNewline: false, ...(input === undefined ? {} : { input }) } as const;
  return execaSync(program, args, options).stdout;
}

/** Exit code and everything the program said, for programs that may fail. */
export function attempt(program: string, args: readonly string[]): { exitCode: number; output: string } {
  const { exitCode, all } = execaSync(program, args, { all: true, reject: false, env: { LC_ALL: 'C.UTF-8' } });
  return { exitCode: exitCode ?? -1, output: all };
}

/** A `describe` that is skipped, with the reason in its title, where programs are missing. */
export function describeWith(programs: readonly string[], title: string, body: () => void): void {
  const missing = programs.filter((program) => !PROGRAM_PATHS.some((folder) => isProgram(join(folder, program))));
  const reason = missing.length === 0 ? '' : ` (skipped: not installed: ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(title + reason, body);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
