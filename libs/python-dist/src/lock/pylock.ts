// Formats and parses the lock: pylock.toml (PEP 751) with one wheel for each package, and pinpack's extensions in `[tool.pinpack]`.
import { stringify, type TomlTable } from 'smol-toml';
import { issue, throwIssues } from '../dist-error.js';
import { isValidName, normalizeName } from '../names/normalize-name.js';
import { tryParseVersion } from '../pep440/version.js';
import { isLayout, LAYOUTS, type Layout } from './layout.js';
import type { LockedPackage, LockedApplication, LockedInterpreter, Lock } from './lock.js';
import { INTERPRETER_PARTS, type InterpreterPart, type RecordedInputs } from './inputs.js';
import { formatSource, formatSourceExtension, hasOwnVersion, parseSource } from './pylock-source.js';
import { parseToml } from '../toml/parse-toml.js';
import { TableReader } from '../toml/table-reader.js';

/** The folders that a lock's relative paths depend on: relative to the workspace's root, with `/`. */
export interface LockLocation {
  /** `reqsets/reqset3` */
  folder: string;
  /** `dist/wheels/reqset3` */
  wheels: string;
}

/** Formats a lock as PEP 751 pylock.toml: packages sorted by name, wheels by relative path, no index host. */
export function formatPylock(lock: Lock, place: LockLocation): string {
  const up = place.folder
    .split('/')
    .map(() => '..')
    .join('/');
  const packages = [...lock.packages].sort((a, b) => (a.name < b.name ? -1 : 1));
  const document = {
    'lock-version': '1.0',
    'created-by': 'pinpack',
    'requires-python': `==${lock.python.split('.').slice(0, 2).join('.')}.*`,
    packages: packages.map((pin) => ({
      name: pin.name,
      ...(hasOwnVersion(pin.source) && { version: pin.version }),
      ...(pin.dependencies.length > 0 && { dependencies: pin.dependencies.map((name) => ({ name })) }),
      ...formatSource(pin.source, `${up}/${place.wheels}`, up),
      tool: { pinpack: formatExtension(pin) },
    })),
    tool: { pinpack: formatLockExtension(lock) },
  };
  return `# Written by \`nx run ${place.folder.split('/').at(-1) ?? ''}:lock\`. Change requirements.txt and lock again.\n${stringify(document)}\n`;
}

function formatLockExtension(lock: Lock): TomlTable {
  const {
    python,
    platform,
    inputsSha256,
    inputs,
    bytecode,
    layout,
    compression,
    interpreter,
    buildRoot,
    overlaps,
    applications,
  } = lock;
  const sorted = [...applications].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    python,
    platform,
    'inputs-sha256': inputsSha256,
    ...(bytecode && { bytecode }),
    ...(layout !== 'tree' && { layout }),
    ...(compression !== undefined && { compression }),
    ...(interpreter !== undefined && { interpreter: formatInterpreter(interpreter) }),
    ...(buildRoot !== undefined && { 'build-root': buildRoot }),
    ...(overlaps !== undefined && { overlaps }),
    ...(sorted.length > 0 && {
      applications: sorted.map(({ name, release, library, groups = [] }) => ({
        name,
        release,
        library,
        ...(groups.length > 0 && { groups: [...groups].sort() }),
      })),
    }),
    ...(inputs !== undefined && { inputs: formatInputs(inputs) }),
  };
}

function formatInterpreter({ recipe, source, ...interpreter }: LockedInterpreter): TomlTable {
  const { kind, location, sha256, size, keep, release, time, contains } = interpreter;
  return {
    kind,
    location,
    sha256,
    ...(size > 0 && { size }),
    ...(keep.length > 0 && { keep: [...keep].sort() }),
    release,
    ...(time !== undefined && { time }),
    ...(recipe !== undefined && { libraries: recipe.libraries, configure: recipe.configure }),
    ...(source !== undefined && { source: { ...source } }),
    ...(contains !== undefined && { contains: { ...contains } }),
  };
}

function formatInputs({ requirements, constraints, sources }: RecordedInputs): TomlTable {
  const paths = Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    requirements,
    ...(constraints.length > 0 && { constraints }),
    ...(paths.length > 0 && {
      sources: paths.map(([path, { dependencies, buildRequires }]) => ({
        path,
        dependencies,
        'build-requires': buildRequires,
      })),
    }),
  };
}

function formatExtension(pin: LockedPackage): TomlTable {
  return {
    ...(!hasOwnVersion(pin.source) && { version: pin.version }),
    release: pin.release,
    ...(pin.time !== undefined && { time: pin.time }),
    ...(pin.extras.length > 0 && { extras: pin.extras }),
    ...(pin.requires.length > 0 && { requires: pin.requires }),
    ...(pin.record !== undefined && { record: pin.record }),
    ...formatSourceExtension(pin.source),
  };
}

/**
 * Parses a pylock.toml that `lock` wrote.
 *
 * @param subject - the file's name, for messages
 * @param folder - the lock's folder relative to the workspace's root: `reqsets/reqset3`
 * @throws DistError `DIST_LOCK_INVALID` with every issue found
 */
export function parsePylock(text: string, subject: string, folder: string): Lock {
  const root = new TableReader(parseToml(text, subject, 'DIST_LOCK_INVALID'));
  const version = root.string('lock-version');
  if (version !== '' && version.split('.')[0] !== '1') root.report(`lock-version is ${version}, expected 1.x`);
  const extension = root.table('tool').table('pinpack');
  const lock: Lock = {
    python: extension.string('python'),
    platform: extension.string('platform'),
    inputsSha256: extension.string('inputs-sha256'),
    ...(extension.has('inputs') && { inputs: parseInputs(extension.table('inputs')) }),
    bytecode: extension.optionalBoolean('bytecode'),
    layout: parseLayout(extension),
    compression: extension.optionalString('compression'),
    ...(extension.has('interpreter') && { interpreter: parseInterpreter(extension.table('interpreter')) }),
    ...parseBuildRoot(extension),
    ...(extension.has('overlaps') && { overlaps: extension.optionalStringLists('overlaps') }),
    packages: root.tables('packages').map((table) => parsePackage(table, folder)),
    applications: extension.optionalTables('applications').map(parseApplication),
  };
  reportInconsistencies(lock, root);
  const next = `Write the lock again: nx run ${folder.split('/').at(-1) ?? ''}:lock`;
  throwIssues(
    subject,
    root.issues.map((found) => issue('DIST_LOCK_INVALID', found, next)),
  );
  return lock;
}

function parseInterpreter(table: TableReader): LockedInterpreter {
  const kind = table.string('kind');
  const sha256 = table.string('sha256');
  const keep = table.optionalStrings('keep');
  if (!isKind(kind)) table.report(`interpreter: kind is ${kind}, expected archive, folder or source`);
  if (!SHA256.test(sha256)) table.report(`interpreter: sha256 is ${sha256}, expected 64 hexadecimal digits`);
  const unknown = keep.filter((part) => !isPart(part));
  if (unknown.length > 0)
    table.report(`interpreter: keep has ${unknown.join(', ')}, expected ${INTERPRETER_PARTS.join(', ')}`);
  return {
    kind: isKind(kind) ? kind : 'archive',
    location: table.string('location'),
    sha256,
    size: table.has('size') ? table.positiveInteger('size') : 0,
    keep: keep.filter(isPart),
    release: table.positiveInteger('release'),
    ...parseTime(table),
    ...(table.has('contains') && { contains: table.optionalStringTable('contains') }),
    ...(kind === 'source' && parseBuilt(table)),
  };
}

function parseBuilt(table: TableReader): Pick<LockedInterpreter, 'recipe' | 'source'> {
  const source = table.table('source');
  const sha256 = source.string('sha256');
  if (!SHA256.test(sha256)) table.report(`interpreter: source.sha256 is ${sha256}, expected 64 hexadecimal digits`);
  return {
    recipe: {
      libraries: table.string('libraries') === 'system' ? 'system' : 'own',
      configure: table.optionalStrings('configure'),
    },
    source: { sha256, size: source.positiveInteger('size'), root: source.string('root') },
  };
}

const SHA256 = /^[0-9a-f]{64}$/;

function isKind(kind: string): kind is LockedInterpreter['kind'] {
  return ['archive', 'folder', 'source'].includes(kind);
}

function isPart(part: string): part is InterpreterPart {
  return INTERPRETER_PARTS.some((known) => known === part);
}

function parseInputs(table: TableReader): RecordedInputs {
  return {
    requirements: table.optionalStrings('requirements'),
    constraints: table.optionalStrings('constraints'),
    sources: Object.fromEntries(
      table.optionalTables('sources').map((source) => [
        source.string('path'),
        {
          dependencies: source.optionalStrings('dependencies'),
          buildRequires: source.optionalStrings('build-requires'),
        },
      ]),
    ),
  };
}

function parseLayout(extension: TableReader): Layout {
  const layout = extension.optionalString('layout') ?? 'tree';
  if (isLayout(layout)) return layout;
  extension.report(`layout is ${layout}, expected ${LAYOUTS.join(' or ')}`);
  return 'tree';
}

function parseBuildRoot(extension: TableReader): Pick<Lock, 'buildRoot'> {
  const buildRoot = extension.optionalString('build-root');
  if (buildRoot === undefined) return {};
  if (!/^sha256:[0-9a-f]{64}$/.test(buildRoot))
    extension.report(`build-root is ${buildRoot}, expected sha256: and 64 hexadecimal digits`);
  return { buildRoot };
}

function parsePackage(table: TableReader, folder: string): LockedPackage {
  const name = table.string('name');
  // First, so that all messages name the package.
  table.name(name);
  const extension = table.table('tool').table('pinpack');
  const isDirectory = table.has('directory');
  // Names become folders and versions become RPM versions before any Nx command runs, so they are validated here.
  if (name !== '' && (!isValidName(name) || normalizeName(name) !== name))
    table.report(`name is ${name}, expected a normalized name (PEP 503)`);
  const version = (isDirectory ? extension : table).string('version');
  if (version !== '' && tryParseVersion(version) === undefined)
    table.report(`version is ${version}, expected a PEP 440 version`);
  return {
    name,
    version,
    release: extension.positiveInteger('release'),
    source: parseSource(table, extension, { name, version }, folder),
    extras: extension.optionalStrings('extras'),
    requires: extension.optionalStrings('requires'),
    dependencies: table.optionalTables('dependencies').map((dependency) => dependency.string('name')),
    ...parseTime(extension),
    ...parseRecordSetting(extension),
  };
}

function parseTime(extension: TableReader): Pick<LockedPackage, 'time'> {
  const time = extension.optionalString('time');
  if (time === undefined) return {};
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) || Number.isNaN(Date.parse(time)))
    extension.report(`time is ${time}, expected a time such as 2026-11-20T23:34:54Z`);
  return { time };
}

function parseRecordSetting(extension: TableReader): Pick<LockedPackage, 'record'> {
  const record = extension.optionalString('record');
  if (record === undefined) return {};
  if (record !== 'exact') extension.report(`record is ${record}, expected exact`);
  return { record: 'exact' };
}

function parseApplication(table: TableReader): LockedApplication {
  const name = table.string('name');
  // It is part of RPM names and of paths on the server.
  if (name !== '' && !isApplicationName(name))
    table.report(`name is ${name}, expected letters, digits and . _ - (it becomes part of an RPM's name)`);
  const groups = table.optionalStrings('groups');
  return {
    name,
    release: table.positiveInteger('release'),
    library: table.string('library'),
    ...(groups.length > 0 && { groups }),
  };
}

/** Whether a name is valid for an application: letters, digits and `. _ -`, starting with a letter or digit. */
export function isApplicationName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);
}

function reportInconsistencies(lock: Lock, root: TableReader): void {
  const names = new Set<string>();
  for (const { name } of lock.packages) {
    if (names.has(name)) root.report(`${name} is locked twice`);
    names.add(name);
  }
  for (const pin of lock.packages) {
    for (const dependency of pin.dependencies) {
      if (!names.has(dependency)) root.report(`${pin.name} depends on ${dependency}, which is not locked`);
    }
  }
  for (const { name, library, groups = [] } of lock.applications) {
    for (const missing of groups.filter((group) => !names.has(group)))
      root.report(`application ${name}: ${missing}, which its dependency groups require, is not locked`);
    if (library !== '' && !names.has(library)) root.report(`application ${name}: its library ${library} is not locked`);
  }
}
