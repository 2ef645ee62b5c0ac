/** Real programs for specs. Where one is missing, the specs are skipped and their title says why. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe } from 'vitest';

/** A folder that goes when the specs of the file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpm-repo-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Exit code and everything that the program said. */
export async function attempt(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ exitCode: number; output: string }> {
  const result = await execa(program, args, {
    all: true,
    reject: false,
    env: { LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
  });
  return { exitCode: result.exitCode ?? -1, output: result.all };
}

export interface Needs {
  programs: readonly string[];
  root?: boolean;
}

/** A `describe` that is skipped, with the reason in its title, where something is missing. */
export function describeWith({ programs, root = false }: Needs, title: string, body: () => void): void {
  const missing = programs.filter((program) => !isOnPath(program)).map((program) => `not installed: ${program}`);
  if (root && process.getuid?.() !== 0) missing.push('needs root');
  const reason = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(title + reason, body);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
