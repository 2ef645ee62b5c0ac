// Writes a lock and the files of its pins and applications that are derived from it; removes those of what is gone.
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { applicationsOf, formatApplication, formatPin, formatPylock, pinsOf, type Lock } from '@pinpack/python-dist';
import { obsoleteDerived, obsoleteSets, type FolderView } from './obsolete.js';
import { applicationFolder, pinFolder, reqsetPaths } from './workspace-paths.js';
import { readIfThere } from './read-lock.js';

/** The files that are derived from a lock: text by path, relative to the workspace's root. */
export function planDerivedFiles(set: string, lock: Lock): Map<string, string> {
  return new Map([
    ...pinsOf(lock).map((pin) => [`${pinFolder(set, pin.name)}/pin.json`, formatPin(pin)] as const),
    ...applicationsOf(lock).map(
      (app) => [`${applicationFolder(set, app.name)}/application.json`, formatApplication(app)] as const,
    ),
  ]);
}

/** Writes what changed, and nothing else. */
export async function writeLock(root: string, set: string, lock: Lock): Promise<void> {
  const place = reqsetPaths(set);
  const files = planDerivedFiles(set, lock);
  // The lock goes last: until it is there, the pins of the old one don't agree with it, and that is told.
  for (const [path, text] of [...files, [place.lock, formatPylock(lock, place)] as const]) {
    if (readIfThere(join(root, path)) !== text) await writeFileAtomically(join(root, path), [Buffer.from(text)]);
  }
  await removeAll(root, obsoleteDerived(set, files.keys(), viewOf(root)));
}

/** Removes what is left of variants that the reqset doesn't have any more. @param sets - all that it has */
export async function removeObsoleteSets(root: string, reqset: string, sets: readonly string[]): Promise<void> {
  await removeAll(root, obsoleteSets(reqset, sets, viewOf(root)));
}

async function removeAll(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(join(root, path), { recursive: true });
}

function viewOf(root: string): FolderView {
  return {
    list: (folder) => {
      try {
        return readdirSync(join(root, folder));
      } catch {
        return [];
      }
    },
    read: (file) => readFileSync(join(root, file), 'utf8'),
  };
}
