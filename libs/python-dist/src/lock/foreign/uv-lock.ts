// Parses uv.lock (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile), a lock for all platforms. The pins of a target are those that are
// reachable from the project over dependencies whose markers are true, as in `uv export`.
import { issue, throwIssues, type DistIssue } from '../../dist-error.js';
import { normalizeName } from '../../names/normalize-name.js';
import { TableReader } from '../../toml/table-reader.js';
import { parseToml } from '../../toml/parse-toml.js';
import {
  notFromIndex,
  type ForeignLock,
  type ForeignPin,
  type ForeignPins,
  type ForeignSelection,
} from './foreign-lock.js';

interface UvDependency {
  name: string;
  /** Present if the lock has several versions of it. */
  version: string | undefined;
  extras: string[];
  marker: string | undefined;
}

interface UvPackage {
  name: string;
  version: string;
  /** `registry`, `git`, `virtual`, … */
  source: string;
  dependencies: UvDependency[];
  optional: Map<string, UvDependency[]>;
  groups: Map<string, UvDependency[]>;
  hashes: string[];
  requiresDist: string[];
  /** The requirements of its dependency groups. */
  requiresDev: Map<string, string[]>;
}

const SOURCES = ['registry', 'virtual', 'editable', 'directory', 'git', 'url', 'path'];
/** Kinds of the workspace's own projects. */
const OWN = new Set(['virtual', 'editable']);

/** @throws DistError `DIST_LOCK_FOREIGN_INVALID`, `DIST_LOCK_FOREIGN_UNKNOWN` for an extra or a group that no project of the lock has */
export function parseUvLock(text: string, file: string, selection: ForeignSelection): ForeignLock {
  const root = new TableReader(parseToml(text, file, 'DIST_LOCK_FOREIGN_INVALID'));
  const packages = root.tables('package').map(readPackage);
  const requiresPython = root.optionalString('requires-python');
  const roots = packages.filter(({ source }) => OWN.has(source));
  if (roots.length === 0) root.report('has no project (a package with the source virtual or editable)');
  throwIssues(
    file,
    root.issues.map((found) => issue('DIST_LOCK_FOREIGN_INVALID', found, 'Create the lock again: uv lock')),
  );
  const { extras, groups } = selection;
  throwIssues(file, [
    ...unknownIssues('extra', extras, new Set(roots.flatMap(({ optional }) => [...optional.keys()]))),
    ...unknownIssues('group', groups, new Set(roots.flatMap((found) => [...found.groups.keys()]))),
  ]);
  return {
    markers: [...new Set(packages.flatMap(markersOf))],
    groups: [],
    ...(requiresPython !== undefined && { requiresPython }),
    requirements: [...new Set(roots.flatMap((found) => requirementsOf(found, selection)))],
    pinsFor: (holds) => walk(packages, { roots, selection, file, holds }),
  };
}

/** As in `uv export`: without extras and groups that are not selected. */
function requirementsOf({ requiresDist, requiresDev }: UvPackage, { extras, groups }: ForeignSelection): string[] {
  const own = requiresDist.flatMap((line) => {
    const [, what = line, marker = ''] = /^(.*?) ; (.*)$/s.exec(line) ?? [];
    const extra = /\bextra == '([^']+)'/.exec(marker)?.[1];
    if (extra === undefined) return [line];
    const rest = marker.replace(/(?: and )?\(?\bextra == '[^']+'\)?(?: and )?/, '').trim();
    return extras.includes(normalizeName(extra)) ? [rest === '' ? what : `${what} ; ${rest}`] : [];
  });
  return [...own, ...groups.flatMap((group) => requiresDev.get(group) ?? [])];
}

function unknownIssues(kind: 'extra' | 'group', wanted: readonly string[], known: ReadonlySet<string>): DistIssue[] {
  return wanted
    .filter((name) => !known.has(name))
    .map((name) =>
      issue(
        'DIST_LOCK_FOREIGN_UNKNOWN',
        `has no ${kind} ${name}`,
        `expected ${known.size === 0 ? `no --${kind}: there is none` : [...known].sort().join(', ')}`,
      ),
    );
}

function readPackage(table: TableReader): UvPackage {
  const name = table.string('name');
  table.name(name);
  const source = table.table('source');
  const files = [...table.optionalTables('wheels'), ...(table.has('sdist') ? [table.table('sdist')] : [])];
  const metadata = table.has('metadata') ? table.table('metadata') : undefined;
  return {
    name: normalizeName(name),
    version: table.optionalString('version') ?? '',
    source: SOURCES.find((kind) => source.has(kind)) ?? 'unknown',
    dependencies: table.optionalTables('dependencies').map(readDependency),
    optional: readLists(table, 'optional-dependencies', readDependency),
    groups: readLists(table, 'dev-dependencies', readDependency),
    hashes: files.flatMap((entry) => entry.optionalString('hash')?.replace(/^sha256:/, '') ?? []),
    requiresDist: metadata?.optionalTables('requires-dist').map(formatRequirement) ?? [],
    requiresDev:
      metadata === undefined ? new Map<string, string[]>() : readLists(metadata, 'requires-dev', formatRequirement),
  };
}

/** A table of lists, by PEP 503 name. */
function readLists<Item>(table: TableReader, key: string, read: (table: TableReader) => Item): Map<string, Item[]> {
  if (!table.has(key)) return new Map();
  const lists = table.table(key);
  return new Map(lists.keys().map((name) => [normalizeName(name), lists.tables(name).map(read)]));
}

function readDependency(table: TableReader): UvDependency {
  return {
    name: normalizeName(table.string('name')),
    version: table.optionalString('version'),
    extras: table.optionalStrings('extra'),
    marker: table.optionalString('marker'),
  };
}

function formatRequirement(table: TableReader): string {
  const extras = table.optionalStrings('extras');
  const marker = table.optionalString('marker');
  const text = `${table.string('name')}${extras.length > 0 ? `[${extras.join(',')}]` : ''}${table.optionalString('specifier') ?? ''}`;
  return marker === undefined ? text : `${text} ; ${marker}`;
}

function markersOf({ dependencies, optional, groups }: UvPackage): string[] {
  return [...dependencies, ...[...optional.values(), ...groups.values()].flat()].flatMap(({ marker }) => marker ?? []);
}

interface Walk {
  roots: readonly UvPackage[];
  selection: ForeignSelection;
  file: string;
  holds: (marker: string) => boolean;
}

function walk(packages: readonly UvPackage[], { roots, selection, file, holds }: Walk): ForeignPins {
  const reached = new Set<UvPackage>();
  // A name with a bracket stands for a group.
  const parts = [...selection.extras, ...selection.groups.map((group) => `[${group}]`)];
  const pending: [UvPackage, string[]][] = roots.map((root) => [root, parts]);
  const visited = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [found, extras] = next;
    reached.add(found);
    for (const part of ['', ...extras]) {
      const key = `${found.name} ${found.version} ${part}`;
      if (visited.has(key)) continue;
      visited.add(key);
      const listed = part.startsWith('[') ? found.groups.get(part.slice(1, -1)) : found.optional.get(part);
      const wanted = part === '' ? found.dependencies : (listed ?? []);
      for (const { name, version, extras: asked, marker } of wanted) {
        if (marker !== undefined && !holds(marker)) continue;
        const target = packages.find((other) => other.name === name && (version ?? other.version) === other.version);
        if (target !== undefined) pending.push([target, asked]);
      }
    }
  }
  const others = [...reached].filter(({ source }) => !OWN.has(source));
  const foreign = others.filter(({ source }) => source !== 'registry');
  return {
    pins: others.map((found) => asPin(found, file)),
    issues: foreign.map(({ name, source }) => notFromIndex(name, file, source)),
  };
}

function asPin({ name, version, hashes }: UvPackage, file: string): ForeignPin {
  return { name, version, hashes, place: file };
}
