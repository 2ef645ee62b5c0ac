// Workspaces of the benchmarks' own: a copy of the working tree, or a scratch workspace that uses this repository's installed packages.
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { ROOT, write } from './files.mjs';

/**
 * Copies the files that git tracks or would add, and the output of npm and the compiler.
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

/**
 * Makes a workspace without reqsets and applications, or adds what a folder of an earlier run lacks.
 *
 * @param {string} root
 * @param {string} name
 */
export function makeScratchWorkspace(root, name) {
  for (const folder of ['apps', 'reqsets']) mkdirSync(join(root, folder), { recursive: true });
  write(join(root, 'package.json'), `${JSON.stringify({ name, private: true })}\n`);
  write(join(root, 'nx.json'), `${JSON.stringify({ plugins: ['pinpack'], neverConnectToCloud: true })}\n`);
  write(join(root, '.gitignore'), 'node_modules\ndist\n.venv\n.nx\ncaches\nresults\n');
  for (const shared of ['node_modules', '.venv']) {
    const link = join(root, shared);
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(join(ROOT, shared), link);
  }
}

/**
 * Writes an application that consists of its dependencies.
 *
 * @param {string} root - of the workspace
 * @param {{ name: string, library: string, dependencies: string[], reqsets: string[], fill?: string, imports?: string[] }} application -
 *   `library` is its import package; `imports` are modules for its smoke test
 */
export function writeApplication(root, { name, library, dependencies, reqsets, fill, imports }) {
  const lines = [
    '[build-system]',
    'requires = ["setuptools>=77"]',
    'build-backend = "setuptools.build_meta"',
    '[project]',
    `name = "${name}"`,
    'version = "1.0"',
    'description = "Nothing but its dependencies"',
    `dependencies = ${JSON.stringify(dependencies)}`,
    '[tool.setuptools]',
    `packages = ["${library}"]`,
    '[tool.pinpack]',
    `reqsets = ${JSON.stringify(reqsets)}`,
    ...(fill === undefined ? [] : [`fill = "${fill}"`]),
    ...(imports === undefined ? [] : ['[tool.pinpack.smoke]', `imports = ${JSON.stringify(imports)}`]),
  ];
  const folder = join(root, 'apps', name);
  write(join(folder, 'pyproject.toml'), `${lines.join('\n')}\n`);
  write(join(folder, library, '__init__.py'), '');
}
