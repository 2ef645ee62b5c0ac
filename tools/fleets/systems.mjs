// The systems that the matrix builds applications in, as a reqset names them.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

/**
 * @param {import('./axes.mjs').Server} server
 * @param {{ roots: string, source?: string }} places - `source` is the archive of CPython's source
 * @returns {string | undefined} why the server is left out
 */
export function findProblem({ root, python }, { roots, source }) {
  const missing = [root, ...(python === undefined ? [] : ['build'])].find((name) => !existsSync(join(roots, name)));
  if (missing !== undefined) return `there is no root ${join(roots, missing)}`;
  return python !== undefined && source === undefined ? `--cpython names no source of ${python}` : undefined;
}

/** @returns {Promise<import('./workspace.mjs').System>} the server's own system, or the root `build` with the source of a Python */
export async function inspect({ root, python: version }, { roots, source }) {
  const folder = join(roots, version === undefined ? root : 'build');
  const script = 'import platform; print(platform.python_version(), platform.libc_ver()[1])';
  const { stdout } = await execa('chroot', [folder, '/usr/bin/python3', '-c', script]);
  const [own, glibc] = stdout.trim().split(' ');
  if (version === undefined) return { folder, python: own, glibc };
  const sha256 = createHash('sha256')
    .update(await readFile(source))
    .digest('hex');
  return { folder, python: { version, bundle: { source: resolve(source), sha256 } }, glibc };
}

/** A kind's check with the program of the reqset's Python. An own Python must also find the libraries that it brings along. */
export function checkOf({ python }, check) {
  if (python === undefined) return check.replaceAll('@PYTHON@', '/usr/bin/python3');
  const program = `/usr/lib/pinpack/matrix/_python/bin/python${python.split('.').slice(0, 2).join('.')}`;
  return `${program} -B -c 'import bz2, ctypes, curses, lzma, multiprocessing, sqlite3, ssl, uuid, zlib' && ${check.replaceAll('@PYTHON@', program)}`;
}

/** A server that needs no Python for its installer has none if the reqset brings its own. */
export function standsAlone({ python, installer }) {
  return python !== undefined && installer !== 'dnf';
}
