// The file of a pin, `pins/<name>/pin.json`: the lock's entry of one package, so that Nx knows which pins a change of the lock affects. It is derived
// from pylock.toml, the single source of truth, and compared with it before a build.
import { hash } from 'node:crypto';
import { compactRecipe } from './build-recipe.js';
import { minorVersion } from './closure.js';
import { carriesBytecode, type Layout } from './layout.js';
import type { WheelFile } from '../names/distribution-file.js';
import type { BuildRequirement, Lock, LockedPackage, PinSource } from './lock.js';

/** Everything that determines a pin's bytes and edges: its package in the lock and the target. */
export interface Pin extends LockedPackage {
  /** Minor version: `3.11`. The patch version does not affect RPMs, so pin files do not contain it. */
  python: string;
  platform: string;
  /** Whether the wheel's RPM contains compiled bytecode. */
  bytecode: boolean;
  /** Layout of the wheel's RPM. */
  layout: Layout;
  /** Compression of the payload; absent for the default. */
  compression?: string | undefined;
  /** Whether the set brings its Python along: the wheel's RPM requires that Python instead of the system's. */
  bundled?: true;
  /** sha256 of that Python, if the bytes depend on it: it builds the wheel or compiles its bytecode. */
  interpreter?: string;
  /** Digest of the root that the wheel is built in; absent if it is not built, or on the machine. */
  buildRoot?: string;
}

/** The pins of a lock, in the order of the lock. */
export function pinsOf(lock: Lock): Pin[] {
  const { packages, python, platform, bytecode, layout, compression, interpreter, buildRoot } = lock;
  return packages.map((locked) => ({
    ...(interpreter !== undefined && { bundled: true as const }),
    ...(interpreter !== undefined &&
      usesInterpreter(locked.source, { bytecode, layout }) && { interpreter: interpreter.sha256 }),
    ...locked,
    python: minorVersion(python),
    platform,
    bytecode,
    layout,
    compression,
    ...(buildRoot !== undefined && isBuilt(locked.source) && { buildRoot }),
  }));
}

/** Whether the bytes of a wheel RPM depend on the Python of the set. */
export function usesInterpreter(source: PinSource, settings: Pick<Lock, 'bytecode' | 'layout'>): boolean {
  return isBuilt(source) || carriesBytecode(settings);
}

/** Whether a wheel is built from its source. */
export function isBuilt({ kind }: PinSource): boolean {
  return kind === 'sdist' || kind === 'directory';
}

/** Formats `pin.json`. The text does not depend on the order and comments of the lock. */
export function formatPin(pin: Pin): string {
  return formatWith(pin, orderedFile);
}

/** sha256 in hex of the pin's text without the names of indexes and other origins, which do not affect the output: part of every cache key of the pin. */
export function pinDigest(pin: Pin): string {
  return hash('sha256', formatWith(pin, fileWithoutOrigin));
}

type DescribeFile = (file: WheelFile) => object;

/** Copies no objects: the graph inference formats every pin of a workspace. JSON omits undefined values. */
function formatWith(pin: Pin, describe: DescribeFile): string {
  const ordered = {
    name: pin.name,
    version: pin.version,
    release: pin.release,
    time: pin.time,
    python: pin.python,
    platform: pin.platform,
    bytecode: pin.bytecode ? true : undefined,
    layout: pin.layout === 'tree' ? undefined : pin.layout,
    compression: pin.compression,
    buildRoot: pin.buildRoot,
    record: pin.record,
    bundled: pin.bundled,
    interpreter: pin.interpreter,
    source: orderedSource(pin.source, describe),
    extras: pin.extras.toSorted(),
    requires: pin.requires.toSorted(),
    dependencies: pin.dependencies.toSorted(),
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function orderedSource(source: PinSource, describe: DescribeFile): object {
  switch (source.kind) {
    case 'wheel':
      return { kind: source.kind, wheel: describe(source.wheel) };
    case 'prebuilt':
      return { kind: source.kind, path: source.path, wheel: describe(source.wheel) };
    case 'sdist': {
      const recipe = compactRecipe(source.recipe);
      return {
        kind: source.kind,
        sdist: describe(source.sdist),
        buildRequires: orderedRequirements(source.buildRequires, describe),
        ...(Object.keys(recipe).length > 0 && { recipe }),
      };
    }
    case 'directory':
      return {
        kind: source.kind,
        path: source.path,
        buildRequires: orderedRequirements(source.buildRequires, describe),
      };
  }
}

function orderedRequirements(buildRequires: readonly BuildRequirement[], describe: DescribeFile): object[] {
  return buildRequires
    .map(({ name, version, wheel, api }) => ({ name, version, wheel: describe(wheel), api }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function orderedFile({ name, size, sha256, index, origin }: WheelFile): object {
  return { name, size, sha256, index, origin };
}

function fileWithoutOrigin({ name, size, sha256 }: WheelFile): object {
  return { name, size, sha256 };
}
