// The reqset `bench`: a lock and pins for the wheels in a workspace's dist/wheels/bench, as `nx run bench:lock` would write them.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatPin, formatPylock, pinDigest, pinsOf } from '@pinpack/python-dist';
import { write } from './files.mjs';

export const REQSET = 'bench';
export const PLATFORM = 'manylinux_2_28_x86_64';

/** @param {string} reqset */
export function wheelsOf(reqset) {
  return `dist/wheels/${reqset}`;
}

/**
 * @param {string} workspace
 * @param {{ reqset?: string, compression?: string }} [options] - the reqset's wheels are in its own folder of dist/wheels
 * @returns {import('@pinpack/python-dist').Pin[]}
 */
export function writeLock(workspace, { reqset = REQSET, compression } = {}) {
  const folder = `reqsets/${reqset}`;
  const wheels = wheelsOf(reqset);
  const packages = readdirSync(join(workspace, wheels))
    .sort()
    .map((name) => lockedPackage(join(workspace, wheels, name)));
  const lock = {
    python: '3.11.2',
    platform: PLATFORM,
    inputsSha256: '0'.repeat(64),
    bytecode: false,
    ...(compression !== undefined && { compression }),
    applications: [],
    packages,
  };
  write(join(workspace, folder, 'pylock.toml'), formatPylock(lock, { folder, wheels }));
  const pins = pinsOf(lock);
  for (const pin of pins) write(join(workspace, folder, 'pins', pin.name, 'pin.json'), formatPin(pin));
  return pins;
}

function lockedPackage(path) {
  const fileName = basename(path);
  const [name, version] = fileName.split('-');
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const source = { kind: 'wheel', wheel: { name: fileName, size: statSync(path).size, sha256 } };
  return { name, version, release: 1, source, extras: [], requires: [], dependencies: [] };
}

/** Options of the executor `rpm` for a pin's task. */
export function rpmOptions(pin, reqset = REQSET) {
  return { reqset, pin: pin.name, digest: pinDigest(pin) };
}
