/** Real programs for specs, run without a shell, in a folder that is removed afterwards. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, describe } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oci-image-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Standard output; a program that fails makes the spec fail with what it said. */
export function run(program: string, args: readonly string[]): string {
  return execaSync(program, args, { env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } }).stdout;
}

/** A `describe` that is skipped, with the reason in its title, where programs are missing. */
export function describeWith(programs: readonly string[], title: string, body: () => void): void {
  const missing = programs.filter(
    (program) => !(process.env.PATH ?? '').split(delimiter).some((path) => isProgram(join(path, program))),
  );
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
