// The writers of RPMs that the benchmark `write` compares on the same trees: zstd level 3, no scriptlets, output in tmp/bench/out.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { REQSET, rpmOptions, wheelsOf, writeLock } from './bench-lock.mjs';
import { cachesIn, emptyCaches } from './caches.mjs';
import { FOLDER, here, write } from './files.mjs';
import { runCold } from './measure.mjs';
import { rpmbuildCommand } from './rpmbuild.mjs';

const OUT = join(FOLDER, 'out');
const CACHES = join(FOLDER, 'write-caches');
const EVERYTHING = '/usr/lib/pinpack';
/** Folders of OUT: without AutoReqProv, and with it. */
const RPMBUILD_KINDS = ['rpmbuild', 'rpmbuild-auto'];

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {import('./measure.mjs').RunRequest} request
 * @property {boolean} [usesStore] - keeps what it makes in pinpack's store, which is empty before the run
 *
 * @typedef {import('./setup.mjs').Setup} Setup
 */

/**
 * The plugin's batch executor: in one process from wheels, which it verifies, to RPMs.
 *
 * @param {Pick<Setup, 'workspace' | 'pins'>} setup
 * @param {{ pins?: Setup['pins'], usesStore?: boolean, reqset?: string }} [options]
 * @returns {import('./measure.mjs').RunRequest}
 */
export function pinpack({ workspace, pins: all }, { pins = all, usesStore = false, reqset } = {}) {
  const options = pins.map((pin) => JSON.stringify(rpmOptions(pin, reqset)));
  const environment = { ...cachesIn(CACHES), ...(usesStore ? {} : { PINPACK_STORE_MODE: 'off' }) };
  return {
    folder: workspace,
    commands: [[process.execPath, here('pinpack-batch.mjs'), ...options]],
    environment,
  };
}

/**
 * All of them, in the order of the table. Writers of one package at a time also run on all three at once, as `make -j` would.
 *
 * @param {Setup} setup
 * @returns {Contestant[]}
 */
export function writeContestants(setup) {
  const eachWay = (name, commandOf) => {
    const commands = setup.packages.map(commandOf);
    return [
      { name, request: { folder: FOLDER, commands } },
      { name: `${name}, all at once`, request: { folder: FOLDER, commands, atOnce: true } },
    ];
  };
  return [
    { name: 'pinpack', request: pinpack(setup) },
    { name: 'pinpack, filling its store', request: pinpack(setup, { usesStore: true }), usesStore: true },
    ...eachWay('nfpm', (one) => nfpm(setup, one)),
    ...eachWay('rpmbuild', (one) => rpmbuildOf(one, false)),
    ...eachWay('rpmbuild with AutoReqProv', (one) => rpmbuildOf(one, true)),
    ...eachWay('zstd alone', (one) => zstd(one, '--single-thread')),
    { name: 'zstd alone, -T2', request: { folder: FOLDER, commands: setup.packages.map((one) => zstd(one, '-T2')) } },
    ...floor(setup),
  ];
}

/** What no writer that starts from wheels can do without: inflating, two digests of each byte, and compressing. @param {Setup} setup */
function floor({ workspace, pins, packages }) {
  const wheels = pins.map(({ source }) => join(workspace, wheelsOf(REQSET), source.wheel.name));
  const commands = [
    [process.execPath, here('floor.mjs'), ...wheels],
    ...packages.map((one) => zstd(one, '--single-thread')),
  ];
  return [
    { name: 'floor', request: { folder: FOLDER, commands } },
    { name: 'floor, all at once', request: { folder: FOLDER, commands, atOnce: true } },
  ];
}

/**
 * numpy alone with other compressions, from the same wheel. nfpm has no levels of xz.
 *
 * @param {Setup} setup
 * @returns {Contestant[]}
 */
export function compressionContestants(setup) {
  const { workspace, packages } = setup;
  const one = packages.find(({ name }) => name === 'numpy');
  return ['gzip:9', 'xz:2'].flatMap((compression) => {
    const [kind, level] = compression.split(':');
    const reqset = `${REQSET}-${kind}`;
    cpSync(join(workspace, wheelsOf(REQSET)), join(workspace, wheelsOf(reqset)), { recursive: true });
    const pins = writeLock(workspace, { reqset, compression }).filter(({ name }) => name === one.name);
    const theirs = kind === 'xz' ? kind : compression;
    return [
      { name: `pinpack, numpy, ${kind} ${level}`, request: pinpack(setup, { pins, reqset }) },
      {
        name: `nfpm, numpy, ${theirs.replace(':', ' ')}`,
        request: { folder: FOLDER, commands: [nfpm(setup, one, theirs)] },
      },
    ];
  });
}

/**
 * Runs a contestant without outputs or caches of earlier runs.
 *
 * @param {Pick<Setup, 'workspace'>} setup
 * @param {Contestant} contestant
 */
export async function runFromNothing({ workspace }, { name, request, usesStore = false }) {
  emptyCaches(CACHES);
  for (const outputs of [OUT, join(workspace, 'dist/rpms'), join(workspace, 'dist/canonical')]) {
    rmSync(outputs, { recursive: true, force: true });
  }
  // Of several rpmbuild that make the same folder at once, all but one can fail.
  for (const kind of RPMBUILD_KINDS) mkdirSync(join(OUT, kind), { recursive: true });
  return runCold(name, request, { usesStore });
}

function nfpm({ nfpm: program }, { name, version, tree }, compression = 'zstd:3') {
  const configuration = join(FOLDER, 'nfpm', `${name}-${compression.replace(':', '-')}.json`);
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
    rpm: { compression },
  };
  write(configuration, JSON.stringify(values));
  const target = join(OUT, `nfpm-${name}.rpm`);
  return [program, 'package', '--config', configuration, '--packager', 'rpm', '--target', target];
}

function rpmbuildOf({ name, version, tree }, autoReqProv) {
  const kind = RPMBUILD_KINDS[autoReqProv ? 1 : 0];
  const spec = join(FOLDER, 'specs', kind, `${name}.spec`);
  return rpmbuildCommand(spec, { name, version, root: tree, rpms: join(OUT, kind), files: [EVERYTHING], autoReqProv });
}

function zstd({ name }, threads) {
  const archive = join(FOLDER, 'cpio', `${name}.cpio`);
  return ['zstd', '-3', '--quiet', '--force', threads, archive, '-o', join(OUT, `${name}.zst`)];
}

/** Writes the uncompressed payloads of pinpack's own RPMs, which `zstd alone` compresses. @param {Setup} setup */
export async function writeArchives(setup) {
  const { workspace, packages } = setup;
  await runFromNothing(setup, { name: 'pinpack, for the archives', request: pinpack(setup) });
  for (const { name, version } of packages) {
    const rpm = join(workspace, 'dist/rpms', REQSET, `${REQSET}-wheel-${name}-${version}-1.x86_64.rpm`);
    const { stdout } = await execa('rpm2cpio', [rpm], { encoding: 'buffer', maxBuffer: 1e9 });
    write(join(FOLDER, 'cpio', `${name}.cpio`), stdout);
  }
}
