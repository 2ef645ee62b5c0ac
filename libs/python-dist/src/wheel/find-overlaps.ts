/** Finds pins that install the same paths with different contents, of which only one can be in an environment. */
import { SITE_PACKAGES, type InstalledFiles } from './installed-files.js';

export interface InstalledPin {
  readonly name: string;
  readonly files: InstalledFiles;
}

/** Two pins whose files contradict each other. */
export interface Overlap {
  /** Their names, sorted. */
  readonly pins: readonly [string, string];
  /** The paths, those that programs use first; those of packages are relative to site-packages. */
  readonly paths: readonly string[];
  /** Whether no program imports or runs the files: tests and documents at the top level of site-packages. */
  readonly isHarmless: boolean;
  /** Whether a path is a file of one pin and a folder of the other, so that no environment can contain both. */
  readonly isImpossible: boolean;
}

interface Found {
  paths: Set<string>;
  isImpossible: boolean;
}

/**
 * The overlaps of pins, sorted by their names. Identical files, as the `__init__.py` of namespace packages, are none. A module and a package of the same
 * name are one: Python imports only the package.
 */
export function findOverlaps(pins: readonly InstalledPin[]): Overlap[] {
  const found = new Map<string, Found>();
  const files = new Map<string, Owner[]>();
  const modules = new Map<string, Owner[]>();
  for (const { name, files: own } of pins) {
    for (const [path, content] of Object.entries(own)) {
      const owner = { name, path, content };
      for (const other of addTo(files, path, owner)) if (other.content !== content) report(found, owner, other);
      const module = moduleOf(path);
      if (module === undefined) continue;
      for (const other of addTo(modules, module, owner))
        if (other.path !== path && other.name !== name) report(found, owner, other);
    }
  }
  for (const pin of pins) reportFolders(found, files, pin);
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, { paths, isImpossible }]) => {
      const [first = '', second = ''] = key.split('\n');
      const sorted = [...paths].sort(
        (one, other) => Number(isUnused(one)) - Number(isUnused(other)) || (one < other ? -1 : 1),
      );
      return {
        pins: [first, second] as const,
        paths: sorted.map(shownPath),
        isHarmless: !isImpossible && sorted.every(isUnused),
        isImpossible,
      };
    });
}

interface Owner {
  name: string;
  path: string;
  content: string;
}

/** Adds an owner. Returns those before it. */
function addTo(owners: Map<string, Owner[]>, key: string, owner: Owner): readonly Owner[] {
  const known = owners.get(key);
  if (known === undefined) {
    owners.set(key, [owner]);
    return [];
  }
  known.push(owner);
  return known.slice(0, -1);
}

function report(found: Map<string, Found>, one: Owner, other: Owner, isImpossible = false): void {
  const key = [one.name, other.name].sort().join('\n');
  const known = found.get(key) ?? { paths: new Set(), isImpossible: false };
  known.paths.add(one.path).add(other.path);
  known.isImpossible ||= isImpossible;
  found.set(key, known);
}

/** Folders of a pin that are files of others. */
function reportFolders(
  found: Map<string, Found>,
  files: ReadonlyMap<string, Owner[]>,
  { name, files: own }: InstalledPin,
): void {
  const seen = new Set<string>();
  for (const [path, content] of Object.entries(own)) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      // Its parents have been seen too.
      if (seen.has(folder)) break;
      seen.add(folder);
      for (const other of files.get(folder) ?? []) {
        if (other.name !== name) report(found, { name, path, content }, other, true);
      }
    }
  }
}

/** `site-packages/a/b.py`, `…/a/b/__init__.py` and `…/a/b.cpython-311-x86_64-linux-gnu.so` are the module `a/b`. */
function moduleOf(path: string): string | undefined {
  if (!(path.endsWith('.py') || path.endsWith('.so')) || !path.startsWith(`${SITE_PACKAGES}/`)) return undefined;
  const [, module] = /^(.*\/[^/.]+)(?:\.py|(?:\.[^/.]+)?\.so)$/.exec(path) ?? [];
  return module?.replace(/\/__init__$/, '');
}

const UNUSED_FOLDER = /^(?:tests?|testing|docs?|examples?|samples?|benchmarks?)\//;
const CODE = /\.(?:py|so|pth)$/;

/** Builds that include too much put tests, documents and licences at the top level of site-packages. */
function isUnused(path: string): boolean {
  const shown = shownPath(path);
  if (shown === path) return false;
  return UNUSED_FOLDER.test(shown) || !(shown.includes('/') || CODE.test(shown));
}

function shownPath(path: string): string {
  return path.startsWith(`${SITE_PACKAGES}/`) ? path.slice(SITE_PACKAGES.length + 1) : path;
}
