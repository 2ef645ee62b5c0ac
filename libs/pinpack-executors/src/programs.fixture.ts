/** The programs whose word counts: Python's `packaging`, and rpm. Where one is missing, the test is skipped and says so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onTestFinished, type TestContext } from 'vitest';

const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a script that turns the JSON value `cases` into the value `results`, in a Python that has `packaging`. */
export async function askPackaging<Result>({ skip }: TestContext, script: string, cases: unknown): Promise<Result> {
  const program = `import json, sys\ncases = json.load(sys.stdin)\n${script}\njson.dump(results, sys.stdout)`;
  for (const python of [join(WORKSPACE, '.venv/bin/python'), 'python3']) {
    const probe = await execa(python, ['-c', 'import packaging.specifiers'], { reject: false });
    if (probe.exitCode !== 0) continue;
    const { stdout } = await execa(python, ['-I', '-c', program], { input: JSON.stringify(cases) });
    return JSON.parse(stdout) as Result;
  }
  return skip('no Python has the package `packaging`: tools/setup-python.sh installs one');
}

/** Skips the test, with the reason, where the program isn't there. */
export async function needProgram({ skip }: TestContext, program: string, ...words: string[]): Promise<void> {
  const { failed } = await execa(program, words.length > 0 ? words : ['--version'], { reject: false });
  if (failed) skip(`${program} is not installed: tools/setup-system.sh installs it`);
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
