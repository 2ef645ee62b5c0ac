// A copy of the working tree below tmp/bench, so that a benchmark has caches, a store and reqsets of its own.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { FOLDER, ROOT } from './setup.mjs';

/**
 * Copies what git knows or would add, and what npm and the compiler have made.
 *
 * @param {string} to - removed first
 * @param {RegExp} [leftOut] - paths that are not copied
 */
export async function copyWorkspace(to, leftOut) {
  rmSync(to, { recursive: true, force: true });
  const { stdout } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  });
  const libs = readdirSync(join(ROOT, 'libs')).flatMap((lib) => [`libs/${lib}/dist`, `libs/${lib}/node_modules`]);
  for (const path of [...stdout.split('\0').filter(Boolean), 'node_modules', ...libs]) {
    if (leftOut?.test(path) || !existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(ROOT, path), join(to, path), { recursive: true, verbatimSymlinks: true });
  }
}

/** What `nx` gets so that it uses nobody's caches but the benchmarks'. */
export function nxEnvironment() {
  return {
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_CACHE_DIRECTORY: join(FOLDER, 'nx-cache'),
    PINPACK_STORE: pathToFileURL(join(FOLDER, 'store')).href,
    PATH: `${join(ROOT, '.venv/bin')}:${process.env.PATH}`,
  };
}
