// Reads one pin for a task from the lock. Rejects it if pin.json or the digest that Nx hashed differs from the lock.
import { join } from 'node:path';
import { formatPin, pinDigest, pinsOf, type Pin } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { checkDerivedFile } from './derived-file.js';
import { pinFolder, reqsetPaths } from './workspace-paths.js';
import { wheelProject } from '@pinpack/rpm-packaging';
import { readLock } from './read-lock.js';

export interface PinOptions {
  reqset: string;
  pin: string;
  /** The pin's digest when Nx read the project graph. */
  digest: string;
}

/** @throws PinpackError `PINPACK_PIN_UNKNOWN`, `PINPACK_PIN_DISAGREES` */
export function readPin(root: string, { reqset, pin: name, digest }: PinOptions): Pin {
  const { lock, project } = reqsetPaths(reqset);
  const pin = readPinsOnce(root, reqset).get(name);
  if (pin === undefined) {
    throw new PinpackError('PINPACK_PIN_UNKNOWN', lock, [
      `there is no pin ${name}`,
      `Lock again: nx run ${project}:lock`,
    ]);
  }
  const file = `${pinFolder(reqset, name)}/pin.json`;
  checkDerivedFile(root, { file, lock, text: formatPin(pin) }, 'PINPACK_PIN_DISAGREES');
  const found = pinDigest(pin);
  if (found !== digest) {
    throw new PinpackError('PINPACK_PIN_DISAGREES', wheelProject(reqset, name), [
      `the digest of its pin is ${found}, expected ${digest}: ${lock} changed after Nx read the project graph`,
      'Run the target again.',
    ]);
  }
  return pin;
}

const read = new Map<string, Map<string, Pin>>();

/** Cached, because a batch reads many pins of few locks. */
function readPinsOnce(root: string, reqset: string): Map<string, Pin> {
  const key = join(root, reqset);
  const known = read.get(key) ?? new Map(pinsOf(readLock(root, reqset)).map((pin) => [pin.name, pin]));
  read.set(key, known);
  return known;
}
