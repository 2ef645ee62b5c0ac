// pinpack's own RPMs for the comparison: a workspace with a reqset and an application for each upgrade, locked and packed by the commands that people type.
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applicationsOf, normalizeName, parsePylock } from '@pinpack/python-dist';
import { execa } from 'execa';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** What environments are made with. */
const TOOLS = ['installer==1.1.0', 'virtualenv==21.15.8'];
const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };

export async function makeWorkspace(root) {
  await rm(join(root, 'reqsets'), { recursive: true, force: true });
  await mkdir(join(root, 'apps'), { recursive: true });
  await mkdir(join(root, 'reqsets'), { recursive: true });
  await writeFile(join(root, 'package.json'), '{ "name": "upgrades", "private": true }\n');
  await writeFile(join(root, 'nx.json'), '{ "plugins": ["pinpack"], "neverConnectToCloud": true }\n');
  await writeFile(join(root, '.gitignore'), 'node_modules\ndist\n.venv\n.nx\n');
  for (const shared of ['node_modules', '.venv']) {
    await symlink(join(REPOSITORY, shared), join(root, shared)).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/**
 * @param {string} root - of the workspace
 * @param {{ name: string, version: string, layout: string, isFirst: boolean, to: string }} order - `isFirst` of its layout: later ones keep the other pins; `to` is made
 * @returns {Promise<{ rpms: string, wheel: string, wheels: string[] }>} the folder of RPMs, the wheel that changes, and those of the application's environment
 */
export async function makeRpms(root, { name, version, layout, isFirst, to }) {
  const reqset = join(root, 'reqsets', name);
  if (isFirst) await rm(reqset, { recursive: true, force: true });
  await mkdir(reqset, { recursive: true });
  await writeFile(join(reqset, 'reqset.json'), JSON.stringify({ ...TARGET, layout }));
  await writeFile(join(reqset, 'requirements.txt'), [`${name}==${version}`, ...TOOLS, ''].join('\n'));
  await writeApplication(join(root, 'apps', `app-${name}`), name);
  // What Nx restores from its cache it puts beside what another version left there.
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await nx(root, ['run', `${name}:lock`]);
  await nx(root, ['run-many', '-t', 'rpm', '-p', `tag:reqset:${name}`]);
  await rm(to, { recursive: true, force: true });
  await cp(join(root, 'dist/rpms', name), join(to, 'rpms'), { recursive: true });
  await cp(join(root, 'dist/wheels', name), join(to, 'wheels'), { recursive: true });
  const members = await readClosure(root, name);
  const files = await readdir(join(to, 'wheels'));
  const wheels = files.filter((file) => file.endsWith('.whl') && members.has(projectOf(file)));
  const path = (file) => join(to, 'wheels', file);
  return {
    rpms: join(to, 'rpms'),
    wheel: path(wheels.find((file) => projectOf(file) === name)),
    wheels: wheels.map(path),
  };
}

async function writeApplication(folder, name) {
  const library = `app_${name}`;
  const lines = [
    '[build-system]',
    'requires = ["setuptools>=77"]',
    'build-backend = "setuptools.build_meta"',
    '[project]',
    `name = "app-${name}"`,
    'version = "1.0"',
    'description = "Nothing but its dependency"',
    `dependencies = ["${name}"]`,
    '[tool.setuptools]',
    `packages = ["${library}"]`,
    '[tool.pinpack]',
    `reqsets = ["${name}"]`,
  ];
  await mkdir(join(folder, library), { recursive: true });
  await writeFile(join(folder, 'pyproject.toml'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, library, '__init__.py'), '');
}

/** Names of the wheels in the application's environment. */
async function readClosure(root, name) {
  const file = `reqsets/${name}/pylock.toml`;
  const lock = parsePylock(await readFile(join(root, file), 'utf8'), file, `reqsets/${name}`);
  return new Set(applicationsOf(lock).flatMap(({ wheels }) => wheels.map((wheel) => wheel.name)));
}

function projectOf(wheelFile) {
  return normalizeName(wheelFile.split('-')[0]);
}

async function nx(root, words) {
  await execa(join(REPOSITORY, 'node_modules/.bin/nx'), words, {
    cwd: root,
    env: {
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      NX_CACHE_DIRECTORY: join(root, '.nx/cache'),
      PATH: `${join(REPOSITORY, '.venv/bin')}:${process.env.PATH}`,
    },
    stdout: 2,
    stderr: 2,
  });
}
