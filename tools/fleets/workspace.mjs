// Makes both releases of the matrix's reqset as publications in a folder, by the commands that users run.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { write } from '../bench/files.mjs';
import { makeScratchWorkspace } from '../bench/workspace-copy.mjs';
import { RELEASES } from './axes.mjs';

/** @typedef {{ folder: string, python: string | { version: string, bundle: object }, glibc: string }} System - what applications are built in, and by */

/**
 * Applications are built in the server's own system, so this machine needs none of its Pythons.
 *
 * @param {string} root - of the workspace; its caches are kept
 * @param {{ server: import('./axes.mjs').Server, system: System, kinds: import('./kinds.mjs').Kind[], url: string, publish: string, key: string }} request
 * @returns {Promise<string[]>} the folders of the publications, relative to `publish`
 */
export async function publishReleases(root, { server, system, kinds, url, publish, key }) {
  const record = join(publish, 'releases.json');
  const wanted = kinds.filter(({ application }) => application !== undefined).map(({ name }) => name);
  if (existsSync(record)) {
    const known = JSON.parse(await readFile(record, 'utf8'));
    if (wanted.every((name) => known.applications.includes(name))) return known.folders;
  }
  for (const folder of ['apps', 'reqsets', 'dist']) await rm(join(root, folder), { recursive: true, force: true });
  makeScratchWorkspace(root, 'matrix');
  const folders = [];
  for (const [at, pins] of RELEASES.entries()) {
    const settings = {
      // The second release brings more of its Python along, so that this is upgraded too.
      python:
        typeof system.python === 'string' ? system.python : { ...system.python, keep: at === 0 ? [] : ['idlelib'] },
      platform: `manylinux_${system.glibc.replace('.', '_')}_x86_64`,
      fleet: server.fleet,
      build: { root: system.folder },
    };
    write(join(root, 'reqsets/matrix/reqset.json'), JSON.stringify(settings));
    write(join(root, 'reqsets/matrix/requirements.txt'), `${pins.join('\n')}\n`);
    // Another version of each application too: a rollback installs the older one.
    for (const { name, application } of kinds)
      if (application !== undefined) writeKind(root, `my-${name}`, application, `1.${at}`);
    const environment = {
      NX_DAEMON: 'false',
      NX_CACHE_DIRECTORY: join(root, 'caches/nx'),
      PINPACK_STORE: `file://${join(root, 'caches/store')}`,
      PINPACK_PUBLISH: `file://${publish}`,
      PINPACK_PUBLISH_URL: url,
      PINPACK_SIGN_KEY_FILE: key,
    };
    for (const target of ['lock', 'publish']) {
      console.error(`${server.root}, ${server.fleet ?? 'no fleet'}: ${target} of ${pins.join(', ')}`);
      await execa('node_modules/.bin/nx', ['run', `matrix:${target}`], { cwd: root, env: environment });
    }
    const list = await readFile(join(publish, 'matrix/mirrorlist'), 'utf8');
    folders.push(new URL(list.trim()).pathname.replace(/^\/+|\/+$/g, ''));
  }
  await writeFile(record, JSON.stringify({ folders, applications: wanted }));
  return folders;
}

function writeKind(root, name, { code, settings, files = {} }, version) {
  const module = name.replace('-', '_');
  const lines = [
    '[build-system]',
    'requires = ["setuptools>=77"]',
    'build-backend = "setuptools.build_meta"',
    '[project]',
    `name = "${name}"`,
    `version = "${version}"`,
    'dependencies = ["six", "charset-normalizer"]',
    '[project.scripts]',
    `${name} = "${module}:main"`,
    '[tool.setuptools]',
    `packages = ["${module}"]`,
    '[tool.pinpack]',
    'reqsets = ["matrix"]',
    ...settings,
  ];
  write(join(root, 'apps', name, 'pyproject.toml'), `${lines.join('\n')}\n`);
  write(join(root, 'apps', name, module, '__init__.py'), code);
  for (const [file, text] of Object.entries(files)) write(join(root, 'apps', name, file), text);
}
