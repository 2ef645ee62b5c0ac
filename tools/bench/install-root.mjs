// Measures one installation in a fresh root (pinpack/install-root) on a fresh file system: seconds, disk use, bytes to download.
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { createInstallRoot, makeRepository } from 'pinpack/install-root';
import { requireColdRun } from './cache-guard.mjs';
import { FOLDER, write } from './files.mjs';
import { withFreshDisk } from './fresh-disk.mjs';

const IMPORTS = 'import numpy, scipy.linalg, pandas; assert numpy.ones(3).sum() == 3';
/** Bash measures inside the sandbox: bwrap does not wait for its processes, so their processor time would be lost. */
const TIMEFORMAT = 'bench-times %3R %3U %3S';
const TIMED = 'time "$@"';

/**
 * @typedef {import('pinpack/install-root').InstallRoot} InstallRoot
 *
 * @typedef {{ wall: number, user: number, system: number }} Times - seconds; the last two are processor time
 *
 * @typedef {object} Installation
 * @property {Times} install - dnf, scriptlets included
 * @property {Times} first - the first import
 * @property {Times} second - the same import again
 * @property {number} diskMb - MB (10^6 bytes) of the installation before the first import, rpm's database included, hard links counted once
 * @property {number} wheelhouseMb - of these, wheels that scriptlets wrote
 * @property {number} diskAfterMb - after the first import, which may write bytecode
 * @property {number} downloadMb - size of the RPMs
 */

/** @returns {Promise<InstallRoot>} */
export async function freshRoot(folder) {
  rmSync(folder, { recursive: true, force: true });
  const root = await createInstallRoot(folder);
  // /opt and /var/lib/pinpack are in the file system of /usr, as on most servers, so that hard links work between them.
  renameSync(root.path('/opt'), root.path('/usr/opt'));
  symlinkSync('usr/opt', root.path('/opt'));
  mkdirSync(root.path('/usr/state'));
  mkdirSync(root.path('/var/lib'), { recursive: true });
  symlinkSync('../../usr/state', root.path('/var/lib/pinpack'));
  return root;
}

export async function repositoryOf(folder, rpms) {
  rmSync(folder, { recursive: true, force: true });
  return makeRepository(folder, rpms);
}

/** dnf does not fail when a scriptlet does, it only prints it. @param {InstallRoot} root @param {string[]} names - of RPMs */
export async function installApplications(root, repository, names) {
  const wrapper = writeTimedDnf();
  const env = { TIMEFORMAT, PATH: `${wrapper}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const result = await root.dnf(repository, ['install', ...names], { env, readable: [wrapper] });
  if (result.failed || /scriptlet failed/.test(result.all)) throw new Error(`bench: ${lastLines(result)}`);
  requireColdRun(`dnf install ${names.join(' ')}`, { output: result.all, events: [] });
  return parseTimes(result);
}

/**
 * @param {string} folder - where the file system is mounted
 * @param {{ repository: string, names: string[], extras: string[] }} request - RPMs; `names` are applications in /opt/<name>
 * @returns {Promise<Installation>}
 */
export async function measureInstallation(folder, request) {
  return withFreshDisk(folder, () => measureIn(join(folder, 'root'), request));
}

async function measureIn(folder, { repository, names, extras }) {
  const root = await freshRoot(folder);
  // Writes of earlier runs reach the disk before the clock starts.
  await execa('sync');
  const install = await installApplications(root, repository, [...names, ...extras]);
  const before = { diskMb: await diskMb(root, ['/usr', '/var/lib']), ...(await wheelhouseMb(root)) };
  const first = await importAll(root, names);
  const diskAfterMb = await diskMb(root, ['/usr', '/var/lib']);
  const second = await importAll(root, names);
  const downloadMb = await downloaded(root, repository);
  return { install, first, second, ...before, diskAfterMb, downloadMb };
}

async function importAll(root, names) {
  const all = { wall: 0, user: 0, system: 0 };
  for (const name of names) {
    const command = ['/bin/bash', '-c', TIMED, 'bash', `/opt/${name}/venv/bin/python`, '-c', IMPORTS];
    const result = await root.run(command, { env: { TIMEFORMAT } });
    if (result.failed) throw new Error(`bench: ${name}: ${lastLines(result)}`);
    const times = parseTimes(result);
    for (const key of Object.keys(all)) all[key] += times[key];
  }
  return all;
}

/** Writes a `dnf` that the sandbox finds first in PATH. @returns its folder */
function writeTimedDnf() {
  const folder = join(FOLDER, 'install/timed');
  const path = join(folder, 'dnf');
  write(path, `#!/bin/bash\nset -- /usr/bin/dnf "$@"\n${TIMED}\n`);
  chmodSync(path, 0o755);
  return folder;
}

function lastLines({ all }) {
  return all.split('\n').slice(-20).join('\n  ');
}

/** Parses the line that bash prints for TIMEFORMAT. */
function parseTimes({ all }) {
  const [, wall, user, system] = /^bench-times (\S+) (\S+) (\S+)$/m.exec(all) ?? [];
  return { wall: Number(wall), user: Number(user), system: Number(system) };
}

async function diskMb(root, paths) {
  const { stdout } = await execa('du', ['-scB1', ...paths.map((path) => root.path(path))]);
  return Number(stdout.split('\n').at(-1)?.split('\t')[0]) / 1e6;
}

async function wheelhouseMb(root) {
  const { stdout } = await execa('find', [
    root.path('/usr/state'),
    root.path('/var/lib'),
    '-name',
    '*.whl',
    '-printf',
    '%b\\n',
  ]);
  return { wheelhouseMb: (stdout.split('\n').reduce((sum, blocks) => sum + Number(blocks), 0) * 512) / 1e6 };
}

/** Excludes the shim for the host's /usr, which exists only in this root. */
async function downloaded(root, repository) {
  const { stdout: installed } = await root.rpm(['-qa', '--qf', '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\n']);
  const format = '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}';
  const { stdout: files } = await execa('find', [repository, '-name', '*.rpm']);
  const wanted = new Set(installed.split('\n'));
  let bytes = 0;
  for (const file of files.split('\n')) {
    const { stdout: name } = await execa('rpm', ['-qp', '--nosignature', '--qf', format, file]);
    if (wanted.has(name) && !name.startsWith('host-shim-')) bytes += statSync(file).size;
  }
  return bytes / 1e6;
}
