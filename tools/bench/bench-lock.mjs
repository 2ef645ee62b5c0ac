// The reqset `bench`: a lock and pins for the wheels in a workspace's dist/wheels/bench, as `nx run bench:lock` would write them.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatPin, formatPylock, pinDigest, pinsOf } from '@pinpack/python-dist';
import { write } from './files.mjs';

export const REQSET = 'bench';
export const WHEELS = `dist/wheels/${REQSET}`;
export const PLATFORM = 'manylinux_2_28_x86_64';

/**
 * @param {string} workspace
 * @returns {import('@pinpack/python-dist').Pin[]}
 */
export function writeLock(workspace) {
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

/** Options of the executor `rpm` for a pin's task. */
export function rpmOptions(pin) {
  return { reqset: REQSET, pin: pin.name, digest: pinDigest(pin) };
}
