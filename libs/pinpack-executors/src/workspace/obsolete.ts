// What lies in a reqset's folder and belongs to none of its sets any more: derived folders of pins that are gone, and locks and folders of
// variants that are. Pure: the folder is seen through what it's given, so that `lock` and `nx sync` clear away the same.
import { reqsetPaths, setOfLock, VARIANTS } from './workspace-paths.js';

/** The folders below a set's that hold nothing but derived files, one folder each. */
const DERIVED_FOLDERS = ['pins', 'apps'];

/** A view on the workspace: paths are relative to its root. */
export interface FolderView {
  /** Names of what a folder holds; none where it doesn't exist. */
  list: (folder: string) => string[];
  read: (file: string) => string;
}

/** @param files - the derived files of the set's lock @returns folders of pins and applications that the lock doesn't have */
export function obsoleteDerived(set: string, files: Iterable<string>, { list }: FolderView): string[] {
  const kept = new Set([...files].map((path) => path.slice(0, path.lastIndexOf('/'))));
  return DERIVED_FOLDERS.map((name) => `${reqsetPaths(set).derived}/${name}`)
    .flatMap((parent) => list(parent).map((name) => `${parent}/${name}`))
    .filter((folder) => !kept.has(folder));
}

/** @param sets - all that the reqset has @returns locks that pinpack wrote, and derived folders, of sets that the reqset doesn't have */
export function obsoleteSets(reqset: string, sets: readonly string[], { list, read }: FolderView): string[] {
  const { folder } = reqsetPaths(reqset);
  const derived = [
    ...DERIVED_FOLDERS.map((name) => ({ set: reqset, path: `${folder}/${name}` })),
    ...list(`${folder}/${VARIANTS}`).map((label) => ({
      set: `${reqset}/${label}`,
      path: `${folder}/${VARIANTS}/${label}`,
    })),
  ].filter(({ path }) => list(path).length > 0);
  const locks = list(folder)
    .filter((name) => /^pylock(?:\.[^.]+)?\.toml$/.test(name))
    .map((name) => ({ set: setOfLock(`${folder}/${name}`), path: `${folder}/${name}` }))
    .filter(({ path }) => /^created-by = "pinpack"$/m.test(read(path)));
  return [...derived, ...locks].filter(({ set }) => !sets.includes(set)).map(({ path }) => path);
}
