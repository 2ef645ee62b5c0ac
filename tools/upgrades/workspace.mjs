// Makes pinpack's RPMs for the comparison: in a workspace with a reqset and an application for each upgrade, by the commands that users run.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applicationsOf, normalizeName, parsePylock } from '@pinpack/python-dist';
import { requireColdRun } from '../bench/cache-guard.mjs';
import { emptyCaches } from '../bench/caches.mjs';
import { runNx } from '../bench/nx.mjs';
import { makeScratchWorkspace, writeApplication } from '../bench/workspace-copy.mjs';

const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };

/** @param {string} root - reqsets of earlier runs are removed */
export async function makeWorkspace(root) {
  await rm(join(root, 'reqsets'), { recursive: true, force: true });
  makeScratchWorkspace(root, 'upgrades');
}

/**
 * @param {string} root - of the workspace
 * @param {{ name: string, version: string, settings: object, isFirst: boolean, to: string }} request - `settings`: of the reqset; `isFirst`: start a new lock, whose other pins
 *   later versions keep. `to` is replaced
 * @returns {Promise<{ rpms: string, wheel: string, wheels: string[] }>} the folder of RPMs, the wheel that changes, and those of the application's environment
 */
export async function makeRpms(root, { name, version, settings, isFirst, to }) {
  const reqset = join(root, 'reqsets', name);
  if (isFirst) await rm(reqset, { recursive: true, force: true });
  await mkdir(reqset, { recursive: true });
  await writeFile(join(reqset, 'reqset.json'), JSON.stringify({ ...TARGET, ...settings }));
  await writeFile(join(reqset, 'requirements.txt'), `${name}==${version}\n`);
  const app = { name: `app-${name}`, library: `app_${name}`, dependencies: [name], reqsets: [name] };
  writeApplication(root, app);
  await rm(join(root, 'dist'), { recursive: true, force: true });
  const folder = join(root, 'caches');
  await runNx(root, ['run', `${name}:lock`], emptyCaches(folder));
  const caches = emptyCaches(folder);
  const made = await runNx(root, ['run-many', '-t', 'rpm', '-p', `tag:reqset:${name}`], caches);
  requireColdRun(`upgrades, ${name} ${version}, ${JSON.stringify(settings)}`, made, { usesStore: true });
  await runNx(root, ['run-many', '-t', 'wheel', '-p', `tag:reqset:${name}`], caches);
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

/** Names of the wheels in the application's environment. */
async function readClosure(root, name) {
  const file = `reqsets/${name}/pylock.toml`;
  const lock = parsePylock(await readFile(join(root, file), 'utf8'), file, `reqsets/${name}`);
  return new Set(applicationsOf(lock).flatMap(({ wheels }) => wheels.map((wheel) => wheel.name)));
}

function projectOf(wheelFile) {
  return normalizeName(wheelFile.split('-')[0]);
}
