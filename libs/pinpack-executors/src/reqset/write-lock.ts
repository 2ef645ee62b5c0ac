// Writes a lock and the files of its pins and applications that are derived from it; removes those of what is gone.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/build-store';
import { applicationsOf, formatApplication, formatPin, formatPylock, pinsOf, type Lock } from '@pinpack/python-dist';
import { applicationFolder, pinFolder, reqsetPlace } from './place.js';
import { readIfThere } from './read-lock.js';

/** The files that are derived from a lock: text by path, relative to the workspace's root. */
export function planDerivedFiles(reqset: string, lock: Lock): Map<string, string> {
  return new Map([
    ...pinsOf(lock).map((pin) => [`${pinFolder(reqset, pin.name)}/pin.json`, formatPin(pin)] as const),
    ...applicationsOf(lock).map(
      (app) => [`${applicationFolder(reqset, app.name)}/application.json`, formatApplication(app)] as const,
    ),
  ]);
}

/** The folders below the reqset's that hold nothing but derived files, one folder each. */
export const DERIVED_FOLDERS = ['pins', 'apps'] as const;

/** Writes what changed, and nothing else. */
export async function writeLock(root: string, reqset: string, lock: Lock): Promise<void> {
  const place = reqsetPlace(reqset);
  const files = planDerivedFiles(reqset, lock);
  // The lock goes last: until it is there, the pins of the old one don't agree with it, and that is told.
  for (const [path, text] of [...files, [place.lock, formatPylock(lock, place)] as const]) {
    if (readIfThere(join(root, path)) !== text) await writeFileAtomically(join(root, path), [Buffer.from(text)]);
  }
  const kept = new Set([...files.keys()].map((path) => path.slice(0, path.lastIndexOf('/'))));
  for (const parent of DERIVED_FOLDERS.map((name) => `${place.folder}/${name}`)) {
    for (const name of await readdir(join(root, parent)).catch(() => [])) {
      if (!kept.has(`${parent}/${name}`)) await rm(join(root, parent, name), { recursive: true });
    }
  }
}
