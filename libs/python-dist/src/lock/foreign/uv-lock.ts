// Parses uv.lock (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile), a lock for all platforms. The pins of a target are those that are
// reachable from the project over dependencies whose markers are true, as in `uv export`.
import { issue, throwIssues } from '../../dist-error.js';
import { normalizeName } from '../../names/normalize-name.js';
import { TableReader } from '../../toml/table-reader.js';
import { parseToml } from '../../toml/parse-toml.js';
import { notFromIndex, type ForeignLock, type ForeignPin, type ForeignPins } from './foreign-lock.js';

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
  hashes: string[];
  requiresDist: string[];
}

const SOURCES = ['registry', 'virtual', 'editable', 'directory', 'git', 'url', 'path'];
/** Kinds of the workspace's own projects. */
const OWN = new Set(['virtual', 'editable']);

/** @throws DistError `DIST_LOCK_FOREIGN_INVALID` */
export function parseUvLock(text: string, file: string): ForeignLock {
  const root = new TableReader(parseToml(text, file, 'DIST_LOCK_FOREIGN_INVALID'));
  const packages = root.tables('package').map(readPackage);
  const requiresPython = root.optionalString('requires-python');
  const roots = packages.filter(({ source }) => OWN.has(source));
  if (roots.length === 0) root.report('has no project (a package with the source virtual or editable)');
  throwIssues(
    file,
    root.issues.map((found) => issue('DIST_LOCK_FOREIGN_INVALID', found, 'Create the lock again: uv lock')),
  );
  return {
    markers: [...new Set(packages.flatMap(markersOf))],
    groups: [],
    ...(requiresPython !== undefined && { requiresPython }),
    // Without the project's extras, as in `uv export`.
    requirements: [...new Set(roots.flatMap(({ requiresDist }) => requiresDist))].filter(
      (line) => !/;.*\bextra\b/.test(line),
    ),
    pinsFor: (holds) => walk(packages, roots, file, holds),
  };
}

function readPackage(table: TableReader): UvPackage {
  const name = table.string('name');
  table.name(name);
  const source = table.table('source');
  const files = [...table.optionalTables('wheels'), ...(table.has('sdist') ? [table.table('sdist')] : [])];
  const optional = table.has('optional-dependencies') ? table.table('optional-dependencies') : undefined;
  return {
    name: normalizeName(name),
    version: table.optionalString('version') ?? '',
    source: SOURCES.find((kind) => source.has(kind)) ?? 'unknown',
    dependencies: table.optionalTables('dependencies').map(readDependency),
    optional: new Map(
      (optional?.keys() ?? []).map((extra) => [extra, (optional?.tables(extra) ?? []).map(readDependency)]),
    ),
    hashes: files.flatMap((entry) => entry.optionalString('hash')?.replace(/^sha256:/, '') ?? []),
    requiresDist: table.has('metadata')
      ? table.table('metadata').optionalTables('requires-dist').map(formatRequirement)
      : [],
  };
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

function markersOf({ dependencies, optional }: UvPackage): string[] {
  return [...dependencies, ...[...optional.values()].flat()].flatMap(({ marker }) => marker ?? []);
}

function walk(
  packages: readonly UvPackage[],
  roots: readonly UvPackage[],
  file: string,
  holds: (marker: string) => boolean,
): ForeignPins {
  const reached = new Set<UvPackage>();
  const pending: [UvPackage, string[]][] = roots.map((root) => [root, []]);
  const visited = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [found, extras] = next;
    reached.add(found);
    for (const part of ['', ...extras]) {
      const key = `${found.name} ${found.version} ${part}`;
      if (visited.has(key)) continue;
      visited.add(key);
      const wanted = part === '' ? found.dependencies : (found.optional.get(part) ?? []);
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
