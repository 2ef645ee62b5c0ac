// Parses pylock.toml (PEP 751) of other tools. pip writes it for one environment, uv for several, with markers.
import { issue, throwIssues } from '../../dist-error.js';
import { normalizeName } from '../../names/normalize-name.js';
import { TableReader } from '../../toml/table-reader.js';
import { parseToml } from '../../toml/parse-toml.js';
import { notFromIndex, type ForeignLock, type ForeignPin } from './foreign-lock.js';

interface ForeignPackage extends ForeignPin {
  marker: string | undefined;
  /** `vcs`, `directory` or `archive`, if it is not from an index. */
  source: string | undefined;
}

/** @throws DistError `DIST_LOCK_FOREIGN_INVALID` */
export function parseForeignPylock(text: string, file: string): ForeignLock {
  const root = new TableReader(parseToml(text, file, 'DIST_LOCK_FOREIGN_INVALID'));
  const version = root.string('lock-version');
  if (version !== '' && !version.startsWith('1.')) root.report(`lock-version is ${version}, expected 1.x`);
  const packages = root.tables('packages').map((table) => readPackage(table, file));
  const requiresPython = root.optionalString('requires-python');
  const groups = root.optionalStrings('default-groups');
  throwIssues(
    file,
    root.issues.map((found) => issue('DIST_LOCK_FOREIGN_INVALID', found, 'Create the lock again with its tool.')),
  );
  return {
    markers: [...new Set(packages.flatMap(({ marker }) => marker ?? []))],
    groups,
    ...(requiresPython !== undefined && { requiresPython }),
    requirements: packages.flatMap(({ name, version: locked, marker, source }) =>
      source === undefined ? [`${name}==${locked}${marker === undefined ? '' : ` ; ${marker}`}`] : [],
    ),
    pinsFor: (holds) => {
      const active = packages.filter(({ marker }) => marker === undefined || holds(marker));
      return {
        pins: active.map(({ name, version: locked, hashes, place }) => ({ name, version: locked, hashes, place })),
        issues: active.flatMap(({ name, place, source }) =>
          source === undefined ? [] : [notFromIndex(name, place, source)],
        ),
      };
    },
  };
}

function readPackage(table: TableReader, file: string): ForeignPackage {
  const name = table.string('name');
  table.name(name);
  const files = [...table.optionalTables('wheels'), ...(table.has('sdist') ? [table.table('sdist')] : [])];
  const source = ['vcs', 'directory', 'archive'].find((kind) => table.has(kind));
  return {
    name: normalizeName(name),
    // A package without a version is a source tree, whose version is only known after the build.
    version: source === undefined ? table.string('version') : (table.optionalString('version') ?? ''),
    hashes: files.flatMap((entry) => entry.table('hashes').optionalString('sha256') ?? []),
    place: file,
    marker: table.optionalString('marker'),
    source,
  };
}
