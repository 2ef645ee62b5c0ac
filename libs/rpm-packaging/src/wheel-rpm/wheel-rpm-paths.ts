// The paths of a wheel RPM's files on the target. They contain no version, so that deltas between versions are small.
// A stored wheel's name does not end with `.whl`: such names must contain version and tags, and pip or a glob pattern would take it for a wheel.
import type { RpmEntry } from '@pinpack/rpm-gen';
import { setLabel } from '../names/rpm-names.js';

export interface WheelRpmPaths {
  /** `/usr/lib/pinpack/reqset3/numpy` */
  tree: string;
  /** The wheel as one file, in layout `stored`: `/usr/lib/pinpack/reqset3/numpy.whl.stored` */
  stored: string;
  /** The facts that pinpack-runtime reads: `/usr/share/pinpack/reqset3/numpy.json` */
  facts: string;
  /** `/var/lib/pinpack/reqset3/wheelhouse/numpy-2.4.6-….whl` */
  wheel: string;
}

const TREES = '/usr/lib/pinpack';
const STATE = '/var/lib/pinpack';
/** Contains all facts and nothing else, since it triggers the file trigger of pinpack-wheelhouse. */
export const FACTS = '/usr/share/pinpack';

const ROOTS = [TREES, FACTS, STATE];

/** Of all packages, not of pinpack's. */
const LICENSES = '/usr/share/licenses';

/** The folder of an RPM's licence texts. @param name - of the RPM */
export function licensesFolder(name: string): string {
  return `${LICENSES}/${name}`;
}

export function wheelRpmPaths(reqset: string, name: string, wheelFileName: string): WheelRpmPaths {
  const label = setLabel(reqset);
  return {
    tree: `${TREES}/${label}/${name}`,
    stored: `${TREES}/${label}/${name}.whl.stored`,
    facts: `${FACTS}/${label}/${name}.json`,
    wheel: `${STATE}/${label}/wheelhouse/${wheelFileName}`,
  };
}

/** The folders down to each path, from pinpack's own on: every RPM owns them all, or erasing the last would leave them. */
export function folderEntries(paths: Iterable<string>): RpmEntry[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const root = rootOf(path);
    if (root === undefined) throw new RangeError(`${path} is in no folder of pinpack, expected ${ROOTS.join(' or ')}`);
    for (let folder = parent(path); folder.length >= root.length; folder = parent(folder)) {
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return [...folders].map((path) => ({ path, kind: 'directory', mode: 0o755, size: 0 }));
}

/** The topmost folder above a path that is pinpack's own. */
function rootOf(path: string): string | undefined {
  const [name] = path.startsWith(`${LICENSES}/`) ? path.slice(LICENSES.length + 1).split('/') : [];
  return name === undefined ? ROOTS.find((own) => path.startsWith(`${own}/`)) : licensesFolder(name);
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
