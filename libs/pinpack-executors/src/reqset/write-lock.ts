// Writes a lock and the pin files that are derived from it; removes those of pins that are gone.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/build-store';
import { formatPin, formatPylock, pinsOf, type Lock } from '@pinpack/python-dist';
import { pinFolder, reqsetPlace } from './place.js';
import { readIfThere } from './read-lock.js';

/** The pin files of a lock: text by path, relative to the workspace's root. */
export function planPinFiles(reqset: string, lock: Lock): Map<string, string> {
  return new Map(pinsOf(lock).map((pin) => [`${pinFolder(reqset, pin.name)}/pin.json`, formatPin(pin)]));
}

/** Writes what changed, and nothing else. */
export async function writeLock(root: string, reqset: string, lock: Lock): Promise<void> {
  const place = reqsetPlace(reqset);
  const files = planPinFiles(reqset, lock);
  // The lock goes last: until it is there, the pins of the old one don't agree with it, and that is told.
  for (const [path, text] of [...files, [place.lock, formatPylock(lock, place)] as const]) {
    if (readIfThere(join(root, path)) !== text) await writeFileAtomically(join(root, path), [Buffer.from(text)]);
  }
  for (const name of await readdir(join(root, place.folder, 'pins')).catch(() => [])) {
    if (!files.has(`${pinFolder(reqset, name)}/pin.json`))
      await rm(join(root, pinFolder(reqset, name)), { recursive: true });
  }
}
