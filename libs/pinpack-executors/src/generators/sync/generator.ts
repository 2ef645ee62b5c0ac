// `nx sync`: updates the files of pins and applications from pylock.toml. `nx sync:check` reports outdated files, and locks that are older than their inputs.
import type { Tree } from '@nx/devkit';
import { inputsDigest, parsePylock } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { obsoleteDerived, obsoleteSets, type FolderView } from '../../workspace/obsolete.js';
import { REQSETS, reqsetPaths } from '../../workspace/workspace-paths.js';
import { setsOf } from '@pinpack/rpm-packaging';
import { readLockInputs } from '../../workspace/read-lock-inputs.js';
import { parseLabels } from '../../workspace/reqset-settings.js';
import { planDerivedFiles } from '../../workspace/write-lock.js';
import { findSynced, rememberSynced, stampsOf, type Derived } from './synced-files.js';

/** @throws PinpackError `PINPACK_LOCK_OUTDATED`: locking needs the network, so `nx sync` does not do it */
export default async function sync(tree: Tree): Promise<{ outOfSyncMessage?: string }> {
  const changed: string[] = [];
  const outdated: string[] = [];
  for (const reqset of tree.children(REQSETS).filter((name) => !tree.isFile(`${REQSETS}/${name}`))) {
    const sets = readSets(tree, reqset);
    const locked = sets.filter((set) => tree.exists(reqsetPaths(set).lock));
    // A reqset that was never locked is new; a variant without a lock beside locked ones was forgotten.
    if (locked.length > 0) outdated.push(...sets.filter((set) => !locked.includes(set)));
    for (const set of locked) if (await syncSet(tree, set, changed)) outdated.push(set);
    deleteAll(tree, obsoleteSets(reqset, sets, viewOf(tree)), changed);
  }
  // Nx writes no changes after an error, so the files are updated first.
  if (outdated.length > 0 && changed.length === 0) throw outdatedError(outdated);
  return changed.length === 0
    ? {}
    : { outOfSyncMessage: `These files are not up to date with pylock.toml:\n${changed.join('\n')}` };
}

function readSets(tree: Tree, reqset: string): string[] {
  const { settings: file } = reqsetPaths(reqset);
  return setsOf(reqset, parseLabels(tree.read(file, 'utf-8') ?? '{}', file));
}

/** @returns whether the lock is older than its inputs */
async function syncSet(tree: Tree, set: string, changed: string[]): Promise<boolean> {
  const { lock: file } = reqsetPaths(set);
  const text = tree.read(file, 'utf-8') ?? '';
  const { paths, inputsSha256 } = findSynced(tree, file, text) ?? writeDerived(tree, { set, text }, changed);
  deleteAll(tree, obsoleteDerived(set, paths, viewOf(tree)), changed);
  return inputsDigest(await readLockInputs(tree.root, set)) !== inputsSha256;
}

/** Writes only files that differ. @param text - of the lock */
function writeDerived(tree: Tree, { set, text }: { set: string; text: string }, changed: string[]): Derived {
  const { lock: file, folder } = reqsetPaths(set);
  const lock = parsePylock(text, file, folder);
  const files = planDerivedFiles(set, lock);
  // Before the files are read: a file that changes meanwhile must count as changed in the next run.
  const stamps = stampsOf(tree, files.keys());
  const outdated = [...files].filter(([path, content]) => tree.read(path, 'utf-8') !== content);
  for (const [path, content] of outdated) tree.write(path, content);
  changed.push(...outdated.map(([path]) => path));
  const { inputsSha256 } = lock;
  if (outdated.length === 0) rememberSynced(tree, file, { lock: text, inputsSha256, stamps });
  return { paths: [...files.keys()], inputsSha256 };
}

function deleteAll(tree: Tree, paths: readonly string[], changed: string[]): void {
  for (const path of paths) tree.delete(path);
  changed.push(...paths);
}

function viewOf(tree: Tree): FolderView {
  return { list: (folder) => tree.children(folder), read: (file) => tree.read(file, 'utf-8') ?? '' };
}

function outdatedError(sets: string[]): PinpackError {
  const all = sets.map(reqsetPaths);
  return new PinpackError('PINPACK_LOCK_OUTDATED', all.map(({ lock }) => lock).join(', '), [
    'is older than its requirements, settings or applications',
    `Lock again: ${all.map(({ project }) => `nx run ${project}:lock`).join(' && ')}`,
  ]);
}
