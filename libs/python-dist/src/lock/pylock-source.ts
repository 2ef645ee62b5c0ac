// Formats and parses the source of a package in pylock.toml: `wheels`, `sdist` or `directory` of PEP 751, and pinpack's extensions in
// `[packages.tool.pinpack]`.
import type { TomlTable } from 'smol-toml';
import { tryParseVersion } from '../pep440/version.js';
import { compareVersions } from '../pep440/version-compare.js';
import { parseSdistFileName } from '../names/sdist-file-name.js';
import { parseWheelFileName } from '../names/wheel-file-name.js';
import { compactRecipe, type BuildRecipe } from './build-recipe.js';
import type { BuildRequirement, LockedPackage, PinSource } from './lock.js';
import type { FileOrigin, WheelFile } from '../names/distribution-file.js';
import type { TableReader } from '../toml/table-reader.js';

interface Identity {
  name: string;
  version: string;
}

/** Whether the entry has a `version`. PEP 751 omits it for source trees, whose version may change without the lock. */
export function hasOwnVersion({ kind }: PinSource): boolean {
  return kind !== 'directory';
}

/** The fields of PEP 751. @param folder - of the wheels, relative to the lock. @param up - from the lock's folder to the workspace's root */
export function formatSource(source: PinSource, folder: string, up: string): TomlTable {
  switch (source.kind) {
    case 'wheel':
      return { wheels: [formatFile(source.wheel, folder)] };
    case 'prebuilt':
      return { wheels: [{ ...formatFile(source.wheel), path: `${up}/${source.path}` }] };
    case 'sdist':
      return { sdist: formatFile(source.sdist, folder) };
    case 'directory':
      return { directory: { path: `${up}/${source.path}` } };
  }
}

/** The fields of `[packages.tool.pinpack]`. */
export function formatSourceExtension(source: PinSource): TomlTable {
  if (source.kind === 'prebuilt') return { prebuilt: source.path };
  if (source.kind === 'wheel') return formatIndex(source.wheel);
  const { environment, configSettings, patches, system } =
    source.kind === 'sdist' ? compactRecipe(source.recipe) : ({} as Partial<BuildRecipe>);
  const recipe = {
    ...(environment !== undefined && { environment }),
    ...(configSettings !== undefined && { 'config-settings': configSettings }),
    ...(patches !== undefined && { patches: patches.map(({ path, sha256 }) => ({ path, sha256 })) }),
    ...(system !== undefined && { system }),
  };
  return {
    ...(source.kind === 'sdist' && formatIndex(source.sdist)),
    'build-requires': source.buildRequires.map(({ name, version, wheel, api }) => ({
      name,
      version,
      ...(api !== undefined && { api }),
      wheel: { ...formatFile(wheel), ...formatIndex(wheel) },
    })),
    ...(Object.keys(recipe).length > 0 && { build: recipe }),
  };
}

/** Not a field of files in PEP 751, so it is in the extension. */
function formatIndex({ index, origin }: WheelFile): TomlTable {
  return { ...(index !== undefined && { index }), ...(origin !== undefined && { origin: formatOrigin(origin) }) };
}

function readIndex(extension: TableReader): Pick<WheelFile, 'index' | 'origin'> {
  const index = extension.optionalString('index');
  return {
    ...(index !== undefined && { index }),
    ...(extension.has('origin') && { origin: parseOrigin(extension.table('origin')) }),
  };
}

function formatOrigin(origin: FileOrigin): TomlTable {
  switch (origin.kind) {
    case 'url':
      return { url: origin.url };
    case 'path':
      return { path: origin.path };
    case 'git': {
      const { url, commit, requested, subdirectory } = origin;
      return {
        git: url,
        ...(requested !== undefined && { 'requested-revision': requested }),
        'commit-id': commit,
        ...(subdirectory !== undefined && { subdirectory }),
      };
    }
  }
}

function parseOrigin(table: TableReader): FileOrigin {
  if (table.has('url')) return { kind: 'url', url: parseUrl(table, table.string('url'), ['https:', 'http:']) };
  if (table.has('path')) return { kind: 'path', path: inWorkspace(table, table.string('path')) };
  const commit = table.string('commit-id');
  if (commit !== '' && !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit))
    table.report(`commit-id is ${commit}, expected 40 or 64 hexadecimal digits`);
  const [requested, subdirectory] = [table.optionalString('requested-revision'), table.optionalString('subdirectory')];
  return {
    kind: 'git',
    url: parseUrl(table, table.string('git'), ['https:', 'http:', 'ssh:', 'file:']),
    commit,
    ...(requested !== undefined && { requested }),
    ...(subdirectory !== undefined && { subdirectory: inWorkspace(table, subdirectory) }),
  };
}

function parseUrl(table: TableReader, url: string, protocols: readonly string[]): string {
  const isKnown = URL.canParse(url) && protocols.includes(new URL(url).protocol);
  if (url !== '' && !isKnown) table.report(`URL is ${url}, expected one with ${protocols.join(', ')}`);
  return url;
}

function formatFile(file: WheelFile, folder?: string): TomlTable {
  return {
    name: file.name,
    ...(folder !== undefined && { path: `${folder}/${file.name}` }),
    size: file.size,
    hashes: { sha256: file.sha256 },
  };
}

/** @param folder - the lock's, relative to the workspace's root. Issues are reported to the readers. */
export function parseSource(table: TableReader, extension: TableReader, pin: Identity, folder: string): PinSource {
  if (table.has('directory')) return parseDirectory(table, extension, folder);
  if (table.has('sdist')) return parseSdist(table, extension, pin);
  const wheels = table.tables('wheels');
  if (wheels.length !== 1) table.report(`${wheels.length} wheels, expected one, the wheel for the variant`);
  const [first] = wheels;
  const wheel = first === undefined ? NO_FILE : parseWheel(first, pin);
  if (!extension.has('prebuilt')) return { kind: 'wheel', wheel: { ...wheel, ...readIndex(extension) } };
  return { kind: 'prebuilt', path: inWorkspace(table, extension.string('prebuilt')), wheel };
}

const NO_FILE: WheelFile = { name: '', size: 0, sha256: '' };

function parseDirectory(table: TableReader, extension: TableReader, folder: string): PinSource {
  const up = folder
    .split('/')
    .map(() => '../')
    .join('');
  const path = table.table('directory').string('path');
  if (!path.startsWith(up) || path.slice(up.length).split('/').includes('..')) {
    table.report(`directory path is ${path}, expected a folder of the workspace, ${up}…`);
  }
  return { kind: 'directory', path: path.slice(up.length), buildRequires: parseBuildRequires(extension) };
}

function parseSdist(table: TableReader, extension: TableReader, pin: Identity): PinSource {
  const sdist = { ...parseFile(table.table('sdist')), ...readIndex(extension) };
  const found = parseSdistFileName(sdist.name);
  if (sdist.name !== '' && (found === undefined || !isSame(found, pin)))
    table.report(`sdist ${sdist.name} does not match the package, expected ${pin.name} ${pin.version}`);
  return { kind: 'sdist', sdist, buildRequires: parseBuildRequires(extension), recipe: parseRecipe(extension) };
}

function parseRecipe(extension: TableReader): BuildRecipe {
  const build = extension.optionalTable('build');
  return {
    environment: build.optionalStringTable('environment'),
    configSettings: build.optionalStringsTable('config-settings'),
    patches: build.optionalTables('patches').map((patch) => ({
      path: inWorkspace(patch, patch.string('path')),
      sha256: parseSha256(patch, patch.string('sha256')),
    })),
    system: build.optionalStrings('system'),
  };
}

/** A lock must not refer to files outside of the workspace. */
function inWorkspace(table: TableReader, path: string): string {
  if (path.startsWith('/') || path.split('/').includes('..'))
    table.report(`path is ${path}, expected a path inside the workspace`);
  return path;
}

function parseBuildRequires(extension: TableReader): BuildRequirement[] {
  return extension.optionalTables('build-requires').map((requirement) => ({
    name: requirement.string('name'),
    version: requirement.string('version'),
    wheel: { ...parseWheel(requirement.table('wheel')), ...readIndex(requirement.table('wheel')) },
    ...(requirement.has('api') && { api: parseSha256(requirement, requirement.string('api')) }),
  }));
}

function parseWheel(table: TableReader, pin?: Identity): WheelFile {
  const wheel = parseFile(table);
  const found = wheel.name === '' ? undefined : tryParseFileName(wheel.name);
  if (wheel.name !== '' && found === undefined) table.report(`wheel name ${wheel.name} is not a wheel's file name`);
  if (found !== undefined && pin !== undefined && !isSame(found, pin))
    table.report(`wheel ${wheel.name} does not match the package, expected ${pin.name} ${pin.version}`);
  return wheel;
}

function parseFile(table: TableReader): WheelFile {
  const name = table.string('name');
  return {
    name,
    size: table.positiveInteger('size'),
    sha256: parseSha256(table, table.table('hashes').string('sha256')),
  };
}

function parseSha256(table: TableReader, sha256: string): string {
  if (sha256 !== '' && !/^[0-9a-f]{64}$/.test(sha256))
    table.report(`sha256 is ${sha256}, expected 64 hexadecimal digits`);
  return sha256;
}

function tryParseFileName(name: string): Identity | undefined {
  try {
    return parseWheelFileName(name);
  } catch {
    return undefined;
  }
}

/** The file name may spell the version differently: 1.0 or 1.0.0. */
function isSame(file: Identity, pin: Pick<LockedPackage, 'name' | 'version'>): boolean {
  if (file.name !== pin.name) return false;
  if (file.version === pin.version) return true;
  const [of, wanted] = [tryParseVersion(file.version), tryParseVersion(pin.version)];
  return of === undefined || wanted === undefined || compareVersions(of, wanted) === 0;
}
