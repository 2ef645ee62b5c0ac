// Finds a Python of an exact minor version on PATH or of pyenv or uv: each `python3.11` is run, since a version manager's shim may not be one.
import { join } from 'node:path';
import { installFolders, pythonFolders } from '@pinpack/python-dist';
import { execa } from 'execa';
import { PackagingError } from '../packaging-error.js';

const PROBE = 'import sys; print(sys.implementation.name, *sys.version_info[:2])';

/**
 * @param minor - `3.11`
 * @param environment - PATH, and the variables of pyenv and uv
 * @throws PackagingError `PINPACK_PYTHON_MISSING`
 */
export async function findPython(
  minor: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const name = `python${minor}`;
  const expected = ['cpython', ...minor.split('.')].join(' ');
  for (const folder of await pythonFolders(minor, environment)) {
    const program = join(folder, name);
    const { stdout, failed } = await execa(program, ['-I', '-S', '-c', PROBE], { reject: false });
    if (!failed && stdout === expected) return program;
  }
  throw new PackagingError('PINPACK_PYTHON_MISSING', name, [
    'is not installed; RPMs with bytecode ("bytecode" in reqset.json) are compiled by the Python version that they are for',
    `looked on PATH and in ${installFolders(environment).join(', ')}`,
    `Install it (Debian: ${name}, Fedora: ${name}, or pyenv install ${minor}, or uv python install ${minor}), or set "bytecode" to false and lock again.`,
  ]);
}
