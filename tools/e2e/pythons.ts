/** Pythons of the machine beside the system's own: on PATH, or pyenv's. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runProgram } from '@pinpack/common/program';

/** The path of a CPython of that minor version, `3.12`; undefined where the machine has none. */
export async function findPython(minor: string): Promise<string | undefined> {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const versions = await readdir(pyenv).catch(() => []);
  const folders = [
    ...versions.map((version) => join(pyenv, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  for (const folder of folders) {
    const program = join(folder, `python${minor}`);
    const script = 'import sys; print("%d.%d" % sys.version_info[:2])';
    // A version manager's may be there and start nothing.
    const { failed, stdout } = await runProgram(program, ['-S', '-c', script]).catch(() => ({
      failed: true,
      stdout: '',
    }));
    if (!failed && stdout.trim() === minor) return program;
  }
  return undefined;
}
