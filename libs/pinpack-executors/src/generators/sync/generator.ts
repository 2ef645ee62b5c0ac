// `nx sync`: the files of pins and applications follow pylock.toml. `nx sync:check` tells where they don't, and where a lock is older than what it was made from.
import type { Tree } from '@nx/devkit';
import { inputsDigest, parsePylock } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { REQSETS, reqsetPlace } from '../../reqset/place.js';
import { readLockInputs } from '../../reqset/read-inputs.js';
import { DERIVED_FOLDERS, planDerivedFiles } from '../../reqset/write-lock.js';

/** @throws PinpackError `PINPACK_LOCK_OUTDATED`: that needs the network, so `nx sync` doesn't mend it by itself */
export default async function sync(tree: Tree): Promise<{ outOfSyncMessage?: string }> {
  const reqsets = tree.children(REQSETS).filter((name) => tree.exists(reqsetPlace(name).lock));
  const changed: string[] = [];
  const outdated: string[] = [];
  for (const reqset of reqsets) {
    const { lock: file, folder } = reqsetPlace(reqset);
    const lock = parsePylock(tree.read(file, 'utf-8') ?? '', file, folder);
    changed.push(...syncFiles(tree, reqset, planDerivedFiles(reqset, lock)));
    if (inputsDigest(await readLockInputs(tree.root, reqset)) !== lock.inputsSha256) outdated.push(reqset);
  }
  // What can be mended here is mended first: an error would keep Nx from writing it.
  if (outdated.length > 0 && changed.length === 0) throw outdatedError(outdated);
  return changed.length === 0
    ? {}
    : { outOfSyncMessage: `These files disagree with pylock.toml:\n${changed.join('\n')}` };
}

function syncFiles(tree: Tree, reqset: string, files: Map<string, string>): string[] {
  const changed: string[] = [];
  for (const [path, text] of files) {
    if (tree.read(path, 'utf-8') === text) continue;
    tree.write(path, text);
    changed.push(path);
  }
  const kept = new Set([...files.keys()].map((path) => path.slice(0, path.lastIndexOf('/'))));
  for (const parent of DERIVED_FOLDERS.map((name) => `${reqsetPlace(reqset).folder}/${name}`)) {
    for (const folder of tree.children(parent).map((name) => `${parent}/${name}`)) {
      if (kept.has(folder)) continue;
      tree.delete(folder);
      changed.push(folder);
    }
  }
  return changed;
}

function outdatedError(reqsets: string[]): PinpackError {
  return new PinpackError('PINPACK_LOCK_OUTDATED', reqsets.map((reqset) => reqsetPlace(reqset).lock).join(', '), [
    'older than the requirements, settings or applications that it was made from',
    `Lock again: ${reqsets.map((reqset) => `nx run ${reqset}:lock`).join(' && ')}`,
  ]);
}
