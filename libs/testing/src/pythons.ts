/** Finds Pythons for specs: one with `packaging` (from the workspace's setup), and every installed CPython 3. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TestContext } from 'vitest';

const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));

/** A Python with `packaging`; skips the test, with the reason, where there is none. */
export async function packagingPython({ skip }: TestContext): Promise<string> {
  for (const candidate of [join(WORKSPACE, '.venv/bin/python'), 'python3']) {
    const probe = await execa(candidate, ['-c', 'import packaging.metadata'], { reject: false });
    if (probe.exitCode === 0) return candidate;
  }
  return skip('no Python has the package `packaging`: python3 -m venv .venv && .venv/bin/pip install packaging');
}

/** Runs a script that turns the JSON value `cases` into the value `results`, in one process. */
export async function askPython<Result>(python: string, script: string, cases: unknown): Promise<Result> {
  const program = [
    'import json, sys',
    'cases = json.loads(sys.stdin.buffer.read().decode("utf-8"))',
    script,
    'sys.stdout.write(json.dumps(results))',
  ].join('\n');
  const { stdout } = await execa(python, ['-I', '-c', program], { input: JSON.stringify(cases) });
  return JSON.parse(stdout) as Result;
}

/** Every CPython 3.x that PATH or pyenv has, one executable for each minor version. */
export function installedPythons(): string[] {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).map((version) => join(pyenv, version, 'bin')) : [];
  const byMinor = new Map<string, string>();
  for (const folder of [...versions, ...(process.env.PATH ?? '').split(delimiter)]) {
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder)) {
      if (/^python3\.[0-9]+$/.test(file) && existsSync(join(folder, file)) && !byMinor.has(file)) {
        byMinor.set(file, join(folder, file));
      }
    }
  }
  return [...byMinor.values()].sort();
}

/** Runs a script that turns the JSON value `cases` into the value `results`, in a Python that has `packaging`. */
export async function askPackaging<Result>(context: TestContext, script: string, cases: unknown): Promise<Result> {
  return askPython<Result>(await packagingPython(context), script, cases);
}
