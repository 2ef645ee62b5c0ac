// Digest of a lock's inputs, by which CI detects a lock that is older than its requirements.
import { createHash } from 'node:crypto';
import type { TargetEnvironment } from '../names/target-environment.js';
import { compactRecipe, type BuildSettings } from './build-recipe.js';
import type { Layout } from './layout.js';

/** A source tree of the workspace that belongs to a reqset. `path` is relative to the workspace's root, with `/`. */
export interface SourceTree {
  path: string;
  /** As written in its pyproject.toml. */
  name: string;
  version: string;
  dependencies: string[];
  /** Requirements of its extras that are in use, by extra (PEP 621 `optional-dependencies`); absent if none is. */
  optional?: Record<string, string[]>;
  buildRequires: string[];
}

/** A requirement without its comment, and its location: `reqsets/reqset1/requirements.txt:3`. */
export interface WrittenRequirement {
  text: string;
  place: string;
  /** sha256 in hex of the allowed files; absent if every file is allowed. */
  hashes?: string[];
}

/** The inputs of an application's lock entry. */
export interface LockInputApplication {
  /** Its folder's name under `apps/`. */
  name: string;
  /** Its library's name, as its pyproject.toml writes it. */
  library: string;
  /** The extras of its library that it is installed with. */
  extras?: string[];
  /** The requirements of its dependency groups (PEP 735). */
  groups?: string[];
}

/** `repair`: it is replaced by an exact one, with a warning. `exact`: the wheel is refused. */
export type RecordSetting = 'repair' | 'exact';

export const INTERPRETER_PARTS = [
  'crypt',
  'headers',
  'idlelib',
  'libpython',
  'pip',
  'static',
  'tests',
  'tkinter',
] as const;

/** A part of an interpreter that its RPM omits by default. */
export type InterpreterPart = (typeof INTERPRETER_PARTS)[number];

/** How pinpack builds an interpreter from CPython's source. */
export interface InterpreterRecipe {
  /** Whose libraries (OpenSSL, SQLite, …) its extension modules load: copies of the build root's, or those of the server. */
  libraries: 'own' | 'system';
  /** Further options of `configure`. */
  configure: string[];
}

/** The location of an interpreter that a set brings along. */
export interface InterpreterPlace {
  /** `source`: the source of CPython, which is built in the set's build root. */
  kind: 'archive' | 'folder' | 'source';
  /** A path relative to the workspace's root, an absolute path, or a URL without credentials. */
  location: string;
  /** Sorted. */
  keep: InterpreterPart[];
  /** Of the kind `source`. */
  recipe?: InterpreterRecipe;
}

/** The source that an interpreter is built from, and where. */
export interface InterpreterSource {
  /** Of the archive. */
  sha256: string;
  size: number;
  /** Digest of the build root. */
  root: string;
}

/** An interpreter as reqset.json names it. */
export interface InterpreterInput extends InterpreterPlace {
  /** As written; absent if `lock` records the one that it finds. */
  expected?: string;
  /** What `lock` found. Not an input: it does not make a lock stale. */
  found?: FoundInterpreter;
}

export interface FoundInterpreter {
  sha256: string;
  size: number;
  /** Date of the newest file in its archive. */
  time?: string;
  /** Versions of the libraries in it by name, '' where it does not tell. */
  contains?: Readonly<Record<string, string>>;
  /** Of the kind `source`. */
  source?: InterpreterSource;
}

/** Everything that a lock depends on, apart from the contents of the index. */
export interface LockInputs {
  requirements: WrittenRequirement[];
  /** Limits on versions of distributions that are needed for other reasons. */
  constraints?: WrittenRequirement[];
  sources: SourceTree[];
  target: TargetEnvironment;
  applications?: LockInputApplication[];
  /** Whether wheel RPMs contain compiled bytecode. */
  bytecode?: boolean;
  /** Layout of the wheel RPMs. */
  layout?: Layout;
  /** Compression of RPM payloads, by the name of the RPM writer; absent for the default. */
  compression?: string | undefined;
  /** Absent if applications use the system's Python. */
  interpreter?: InterpreterInput;
  /** Build settings of pins, by PEP 503 name. */
  builds?: Record<string, BuildSettings>;
  /** The root that packages are built in, as the settings name it, in one text. */
  buildRoot?: string;
  /** What is done about a RECORD that differs from the wheel's files, by PEP 503 name; `*` stands for all others. */
  records?: Readonly<Record<string, RecordSetting>>;
  /** Groups of pins that may contain the same paths; see `Lock`. PEP 503 names. */
  overlaps?: readonly (readonly string[])[];
  /** Names of indexes by distribution, as in `IndexAssignments`. */
  indexes?: Readonly<Record<string, string>>;
}

/** The requirements that a lock repeats, so that changes since can be named line by line. As written, without comments. */
export interface RecordedInputs {
  requirements: string[];
  constraints: string[];
  /** The source trees, by their path. */
  sources: Record<string, RecordedSource>;
}

export type RecordedSource = Pick<SourceTree, 'dependencies' | 'buildRequires'>;

export function recordInputs({ requirements, constraints = [], sources }: LockInputs): RecordedInputs {
  return {
    requirements: requirements.map(({ text }) => text).sort(),
    constraints: constraints.map(({ text }) => text).sort(),
    sources: Object.fromEntries(
      sources.map(({ path, dependencies, buildRequires }) => [
        path,
        { dependencies: [...dependencies].sort(), buildRequires: [...buildRequires].sort() },
      ]),
    ),
  };
}

/** sha256 in hex. It does not depend on comments, blank lines and the order of lines. */
export function inputsDigest({
  requirements,
  constraints = [],
  sources,
  target,
  applications = [],
  bytecode = false,
  layout = 'tree',
  compression,
  interpreter,
  builds = {},
  buildRoot,
  records = {},
  overlaps = [],
  indexes = {},
}: LockInputs): string {
  const canonical = {
    requirements: canonicalLines(requirements),
    ...(constraints.length > 0 && { constraints: canonicalLines(constraints) }),
    sources: [...sources]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, name, version, dependencies, optional, buildRequires }) => ({
        path,
        name,
        version,
        dependencies: [...dependencies].sort(),
        ...(optional !== undefined && { optional: Object.entries(optional).sort(([a], [b]) => (a < b ? -1 : 1)) }),
        buildRequires: [...buildRequires].sort(),
      })),
    target: { python: target.python, platform: target.platform },
    applications: [...applications]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, library, extras = [], groups = [] }) => ({
        name,
        library,
        ...(extras.length > 0 && { extras: [...extras].sort() }),
        ...(groups.length > 0 && { groups: [...groups].sort() }),
      })),
    bytecode,
    ...(layout !== 'tree' && { layout }),
    ...(compression !== undefined && { compression }),
    ...(interpreter !== undefined && { interpreter: canonicalInterpreter(interpreter) }),
    ...(Object.keys(builds).length > 0 && { builds: canonicalBuilds(builds) }),
    ...(buildRoot !== undefined && { buildRoot }),
    ...(Object.keys(records).length > 0 && {
      records: Object.entries(records).sort(([a], [b]) => (a < b ? -1 : 1)),
    }),
    ...(overlaps.length > 0 && { overlaps }),
    ...(Object.keys(indexes).length > 0 && {
      indexes: Object.entries(indexes).sort(([a], [b]) => (a < b ? -1 : 1)),
    }),
  };
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}

function canonicalInterpreter({ kind, location, keep, expected, recipe }: InterpreterInput): object {
  return { kind, location, keep: [...keep].sort(), ...(expected !== undefined && { expected }), recipe };
}

function canonicalLines(written: readonly WrittenRequirement[]): string[] {
  return written.map(({ text, hashes = [] }) => [text.replaceAll(/\s+/g, ''), ...[...hashes].sort()].join(' ')).sort();
}

function canonicalBuilds(builds: Record<string, BuildSettings>): unknown[] {
  return Object.entries(builds)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { isForced, requires, wheel, ...recipe }]) => [
      name,
      isForced,
      [...requires].sort(),
      wheel?.sha256 ?? '',
      compactRecipe(recipe),
    ]);
}
