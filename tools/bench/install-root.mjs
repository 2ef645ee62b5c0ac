// One installation in a root of its own (pinpack/install-root): seconds, disk use, bytes to download.
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { createInstallRoot, makeRepository } from 'pinpack/install-root';
import { FOLDER, write } from './setup.mjs';

const IMPORTS = 'import numpy, scipy.linalg, pandas; assert numpy.ones(3).sum() == 3';
/** In the sandbox, since bwrap does not wait for what runs in it: its processor time would be lost. */
const TIMEFORMAT = 'bench-times %3R %3U %3S';
const TIMED = 'time "$@"';

/**
 * @typedef {import('pinpack/install-root').InstallRoot} InstallRoot
 *
 * @typedef {{ wall: number, user: number, system: number }} Times - seconds; of the processor the last two
 *
 * @typedef {object} Installation
 * @property {Times} install - seconds of dnf, scriptlets included
 * @property {Times} first - of the first import
 * @property {Times} second - of the same import again
 * @property {number} diskMb - MB (10^6 bytes) of what was installed, database included, hard links counted once, before the first import
 * @property {number} wheelhouseMb - of these, wheels that scriptlets made
 * @property {number} diskAfterMb - after the first import, which may write bytecode
 * @property {number} downloadMb - of the RPMs
 */

/** @returns {Promise<InstallRoot>} */
export async function freshRoot(folder) {
  rmSync(folder, { recursive: true, force: true });
  const root = await createInstallRoot(folder);
  // /opt and /var lie in the file system of /usr, as they do on servers: hard links reach from one into the other.
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

/** @param {InstallRoot} root @param {string[]} names - dnf does not fail when a scriptlet does: it says so */
export async function installApplications(root, repository, names) {
  const wrapper = writeTimedDnf();
  const env = { TIMEFORMAT, PATH: `${wrapper}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const result = await root.dnf(repository, ['install', ...names], { env, readable: [wrapper] });
  if (result.failed || /scriptlet failed/.test(result.all)) throw new Error(`bench: ${lastLines(result)}`);
  return parseTimes(result);
}

/**
 * @param {string} folder - of the root, removed at the end
 * @param {{ repository: string, names: string[], besides: string[] }} order - RPMs, `names` of applications in /opt/<name>
 * @returns {Promise<Installation>}
 */
export async function measureInstallation(folder, { repository, names, besides }) {
  const root = await freshRoot(folder);
  // What earlier runs wrote is on the disk before the clock starts.
  await execa('sync');
  const install = await installApplications(root, repository, [...names, ...besides]);
  const before = { diskMb: await diskMb(root, ['/usr', '/var/lib']), ...(await wheelhouseMb(root)) };
  const first = await importAll(root, names);
  const diskAfterMb = await diskMb(root, ['/usr', '/var/lib']);
  const second = await importAll(root, names);
  const downloadMb = await downloaded(root, repository);
  rmSync(folder, { recursive: true });
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

/** A `dnf` for the front of PATH, which the sandbox finds first. Gives its folder. */
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

/** Of the line that TIMEFORMAT makes bash write. */
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

/** Not of the host's shim, which nobody downloads. */
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
