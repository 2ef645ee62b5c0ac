// Who writes the RPMs of the same trees, and how each is asked to: zstd level 3, no scriptlets of their own, output in tmp/bench/out.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { runMeasured } from './measure.mjs';
import { FOLDER, REQSET, rpmOptions, write } from './setup.mjs';

const BATCH = fileURLToPath(new URL('pinpack-batch.mjs', import.meta.url));
const OUT = join(FOLDER, 'out');

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {import('./measure.mjs').Order} order
 *
 * @typedef {import('./setup.mjs').Setup} Setup
 */

/** The plugin's batch executor: from wheels, which it verifies, to RPMs, in one process. */
export function pinpack({ workspace, pins }, only = pins) {
  const options = only.map((pin) => JSON.stringify(rpmOptions(pin)));
  return { folder: workspace, commands: [[process.execPath, BATCH, ...options]] };
}

/**
 * Everyone, in the order of the table. Whoever takes one package at a time also runs on all three at once, as `make -j` would.
 *
 * @param {Setup} setup
 * @returns {Contestant[]}
 */
export function writeContestants(setup) {
  mkdirSync(OUT, { recursive: true });
  const eachWay = (name, commands) => [
    { name, order: { folder: FOLDER, commands } },
    { name: `${name}, all at once`, order: { folder: FOLDER, commands, atOnce: true } },
  ];
  return [
    { name: 'pinpack', order: pinpack(setup) },
    ...eachWay(
      'nfpm',
      setup.packages.map((one) => nfpm(setup, one)),
    ),
    ...eachWay(
      'rpmbuild',
      setup.packages.map((one) => rpmbuild(one, false)),
    ),
    ...eachWay(
      'rpmbuild with AutoReqProv',
      setup.packages.map((one) => rpmbuild(one, true)),
    ),
    ...eachWay(
      'zstd alone',
      setup.packages.map((one) => zstd(one, '--single-thread')),
    ),
    { name: 'zstd alone, -T2', order: { folder: FOLDER, commands: setup.packages.map((one) => zstd(one, '-T2')) } },
  ];
}

function nfpm({ nfpm: program }, { name, version, tree }) {
  const configuration = join(FOLDER, 'nfpm', `${name}.json`);
  // JSON is YAML.
  const values = {
    name,
    version,
    release: '1',
    arch: 'amd64',
    maintainer: 'bench',
    description: name,
    mtime: '1980-01-01T00:00:00Z',
    contents: [{ src: `${tree}/`, dst: '/', type: 'tree' }],
    rpm: { compression: 'zstd:3' },
  };
  write(configuration, JSON.stringify(values));
  return [
    program,
    'package',
    '--config',
    configuration,
    '--packager',
    'rpm',
    '--target',
    join(OUT, `nfpm-${name}.rpm`),
  ];
}

/** The tree is the build root as it lies there: nothing is copied, prepared, post-processed or cleaned. */
function rpmbuild({ name, version, tree }, autoReqProv) {
  const spec = join(FOLDER, 'rpmbuild', `${name}-${autoReqProv ? 'auto' : 'plain'}.spec`);
  const lines = [
    '%define _binary_payload w3.zstdio',
    '%define __os_install_post %{nil}',
    '%define debug_package %{nil}',
    `%define _rpmdir ${OUT}/rpmbuild${autoReqProv ? '-auto' : ''}`,
    `Name: ${name}`,
    `Version: ${version}`,
    'Release: 1',
    `Summary: ${name}`,
    'License: none',
    `AutoReqProv: ${autoReqProv ? 'yes' : 'no'}`,
    '%description',
    name,
    '%files',
    '%defattr(-,root,root,-)',
    '/usr/lib/pinpack',
  ];
  write(spec, `${lines.join('\n')}\n`);
  return ['rpmbuild', '-bb', '--quiet', '--noclean', '--nodebuginfo', '--buildroot', tree, spec];
}

function zstd({ name }, threads) {
  return [
    'zstd',
    '-3',
    '--quiet',
    '--force',
    threads,
    join(FOLDER, 'cpio', `${name}.cpio`),
    '-o',
    join(OUT, `${name}.zst`),
  ];
}

/** The payloads of pinpack's own RPMs, uncompressed: what the compressor alone is given. */
export async function writeArchives({ workspace, packages, pins }) {
  await runMeasured(pinpack({ workspace, pins }));
  for (const { name, version } of packages) {
    const rpm = join(workspace, 'dist/rpms', REQSET, `${REQSET}-wheel-${name}-${version}-1.x86_64.rpm`);
    const { stdout } = await execa('rpm2cpio', [rpm], { encoding: 'buffer', maxBuffer: 1e9 });
    write(join(FOLDER, 'cpio', `${name}.cpio`), stdout);
  }
}
