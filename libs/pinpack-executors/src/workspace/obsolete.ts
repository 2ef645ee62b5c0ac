// Finds obsolete files in a reqset's folder: derived folders of removed pins, and locks and folders of removed variants. Pure: it reads through a FolderView, so
// that `lock` and `nx sync` remove the same files.
import { reqsetPaths, setOfLock, VARIANTS } from './workspace-paths.js';

/** The folders of a set that contain only derived files, in one folder per pin or application. */
const DERIVED_FOLDERS = ['pins', 'apps', 'bundled'];

/** Read access to the workspace; paths are relative to its root. */
export interface FolderView {
  /** The names in a folder; none if it does not exist. */
  list: (folder: string) => string[];
  read: (file: string) => string;
}

/** @param files - the derived files of the set's lock @returns folders of pins and applications that are not in the lock */
export function obsoleteDerived(set: string, files: Iterable<string>, { list }: FolderView): string[] {
  const kept = new Set([...files].map((path) => path.slice(0, path.lastIndexOf('/'))));
  return DERIVED_FOLDERS.map((name) => `${reqsetPaths(set).derived}/${name}`)
    .flatMap((parent) => list(parent).map((name) => `${parent}/${name}`))
    .filter((folder) => !kept.has(folder));
}

/** @param sets - all sets of the reqset @returns derived folders and locks by pinpack of other sets */
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
