// Remembers the derived files that an earlier run in this process found up to date. Under the daemon the generator runs after each edit in the workspace, and
// parsing all locks and reading thousands of files takes seconds.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { REQSETS } from '../../workspace/workspace-paths.js';

/** What the generator needs of a lock whose derived files are up to date. */
export interface Derived {
  paths: string[];
  inputsSha256: string;
}

/** By path; a stamp changes whenever its file is written. */
export type Stamps = ReadonlyMap<string, string | undefined>;

interface Synced {
  /** The lock's text. */
  lock: string;
  inputsSha256: string;
  stamps: Stamps;
}

const known = new Map<string, Synced>();

/** undefined if the lock or one of its derived files has changed since. @param file - the lock's, relative to the workspace's root. @param lock - its text */
export function findSynced(tree: Tree, file: string, lock: string): Derived | undefined {
  const synced = known.get(join(tree.root, file));
  if (synced?.lock !== lock || hasChanges(tree)) return undefined;
  const paths = [...synced.stamps.keys()];
  const found = stampsOf(tree, paths);
  return paths.every((path) => found.get(path) === synced.stamps.get(path))
    ? { paths, inputsSha256: synced.inputsSha256 }
    : undefined;
}

export function rememberSynced(tree: Tree, file: string, synced: Synced): void {
  if (!hasChanges(tree)) known.set(join(tree.root, file), synced);
}

/** Other generators may have changed files of the tree that are not on the disk yet. */
function hasChanges(tree: Tree): boolean {
  return tree.listChanges().some(({ path }) => path.startsWith(`${REQSETS}/`));
}

export function stampsOf(tree: Tree, paths: Iterable<string>): Stamps {
  return new Map(Array.from(paths, (path) => [path, stampOf(join(tree.root, path))]));
}

function stampOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.size} ${stats.ctimeMs}`;
}
