// Finds a Python of an exact minor version on PATH, as uv does: each `python3.11` is run, since a version manager's shim may not be one.
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { PackagingError } from '../packaging-error.js';

const PROBE = 'import sys; print(sys.implementation.name, *sys.version_info[:2])';

/**
 * @param minor - `3.11`
 * @param path - folders as in the environment's PATH
 * @throws PackagingError `PINPACK_PYTHON_MISSING`
 */
export async function findPython(minor: string, path = process.env.PATH ?? ''): Promise<string> {
  const name = `python${minor}`;
  const expected = ['cpython', ...minor.split('.')].join(' ');
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    const program = join(folder, name);
    const { stdout, failed } = await execa(program, ['-I', '-S', '-c', PROBE], { reject: false });
    if (!failed && stdout === expected) return program;
  }
  throw new PackagingError('PINPACK_PYTHON_MISSING', name, [
    'is not on PATH; RPMs with bytecode ("bytecode" in reqset.json) are compiled by the Python version that they are for',
    `Install it (Debian: ${name}, Fedora: ${name}), or set "bytecode" to false and lock again.`,
  ]);
}
