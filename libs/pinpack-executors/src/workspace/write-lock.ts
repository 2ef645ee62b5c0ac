// Writes a lock and the derived files of its pins and applications, and removes those of removed pins and applications.
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import {
  applicationsOf,
  bundledPythonOf,
  formatApplication,
  formatBundledPython,
  formatPin,
  formatPylock,
  pinsOf,
  type Lock,
} from '@pinpack/python-dist';
import { obsoleteDerived, obsoleteSets, type FolderView } from './obsolete.js';
import { applicationFolder, pinFolder, pythonProjectFolder, reqsetPaths } from './workspace-paths.js';
import { isAbsent } from '@pinpack/common/missing-file';
import { readIfThere } from './files.js';

/** The files derived from a lock: text by path, relative to the workspace's root. */
export function planDerivedFiles(set: string, lock: Lock): Map<string, string> {
  const python = bundledPythonOf(lock);
  return new Map([
    ...(python === undefined
      ? []
      : [[`${pythonProjectFolder(set)}/python.json`, formatBundledPython(python)] as const]),
    ...pinsOf(lock).map((pin) => [`${pinFolder(set, pin.name)}/pin.json`, formatPin(pin)] as const),
    ...applicationsOf(lock).map(
      (app) => [`${applicationFolder(set, app.name)}/application.json`, formatApplication(app)] as const,
    ),
  ]);
}

/** Writes only files that changed. */
export async function writeLock(root: string, set: string, lock: Lock): Promise<void> {
  const paths = reqsetPaths(set);
  const files = planDerivedFiles(set, lock);
  // The lock is written last: until then the files differ from the old lock, which is reported.
  for (const [path, text] of [...files, [paths.lock, formatPylock(lock, paths)] as const]) {
    if (readIfThere(join(root, path)) !== text) await writeFileAtomically(join(root, path), [Buffer.from(text)]);
  }
  await removeAll(root, obsoleteDerived(set, files.keys(), viewOf(root)));
}

/** Removes the files of removed variants. @param sets - all sets of the reqset */
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
      } catch (error) {
        // A file in place of a folder contains no names either.
        if (isAbsent(error)) return [];
        throw error;
      }
    },
    read: (file) => readFileSync(join(root, file), 'utf8'),
  };
}
