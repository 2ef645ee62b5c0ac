// `nx sync`: the files of pins and applications follow pylock.toml. `nx sync:check` tells where they don't, and where a lock is older than what it was made from.
import type { Tree } from '@nx/devkit';
import { inputsDigest, parsePylock } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { obsoleteDerived, obsoleteSets, type FolderView } from '../../workspace/obsolete.js';
import { REQSETS, reqsetPaths } from '../../workspace/workspace-paths.js';
import { setsOf } from '@pinpack/rpm-packaging';
import { readLockInputs } from '../../workspace/read-lock-inputs.js';
import { parseLabels } from '../../workspace/reqset-settings.js';
import { planDerivedFiles } from '../../workspace/write-lock.js';

/** @throws PinpackError `PINPACK_LOCK_OUTDATED`: that needs the network, so `nx sync` doesn't mend it by itself */
export default async function sync(tree: Tree): Promise<{ outOfSyncMessage?: string }> {
  const changed: string[] = [];
  const outdated: string[] = [];
  for (const reqset of tree.children(REQSETS).filter((name) => !tree.isFile(`${REQSETS}/${name}`))) {
    const sets = readSets(tree, reqset);
    const locked = sets.filter((set) => tree.exists(reqsetPaths(set).lock));
    // A reqset that was never locked is somebody's beginning; a variant without a lock beside others was forgotten.
    if (locked.length > 0) outdated.push(...sets.filter((set) => !locked.includes(set)));
    for (const set of locked) if (await syncSet(tree, set, changed)) outdated.push(set);
    deleteAll(tree, obsoleteSets(reqset, sets, viewOf(tree)), changed);
  }
  // What can be mended here is mended first: an error would keep Nx from writing it.
  if (outdated.length > 0 && changed.length === 0) throw outdatedError(outdated);
  return changed.length === 0
    ? {}
    : { outOfSyncMessage: `These files disagree with pylock.toml:\n${changed.join('\n')}` };
}

function readSets(tree: Tree, reqset: string): string[] {
  const { settings: file } = reqsetPaths(reqset);
  return setsOf(reqset, parseLabels(tree.read(file, 'utf-8') ?? '{}', file));
}

/** @returns whether the lock is older than what it was made from */
async function syncSet(tree: Tree, set: string, changed: string[]): Promise<boolean> {
  const place = reqsetPaths(set);
  const lock = parsePylock(tree.read(place.lock, 'utf-8') ?? '', place.lock, place.folder);
  const files = planDerivedFiles(set, lock);
  for (const [path, text] of files) {
    if (tree.read(path, 'utf-8') === text) continue;
    tree.write(path, text);
    changed.push(path);
  }
  deleteAll(tree, obsoleteDerived(set, files.keys(), viewOf(tree)), changed);
  return inputsDigest(await readLockInputs(tree.root, set)) !== lock.inputsSha256;
}

function deleteAll(tree: Tree, paths: readonly string[], changed: string[]): void {
  for (const path of paths) tree.delete(path);
  changed.push(...paths);
}

function viewOf(tree: Tree): FolderView {
  return { list: (folder) => tree.children(folder), read: (file) => tree.read(file, 'utf-8') ?? '' };
}

function outdatedError(sets: string[]): PinpackError {
  const places = sets.map(reqsetPaths);
  return new PinpackError('PINPACK_LOCK_OUTDATED', places.map(({ lock }) => lock).join(', '), [
    'older than the requirements, settings or applications that it was made from',
    `Lock again: ${places.map(({ project }) => `nx run ${project}:lock`).join(' && ')}`,
  ]);
}
