// The file of an application beside the pins, `apps/<app>/application.json`: the part of the lock that its RPM depends on, so that Nx knows which
// applications a change of the lock affects. It is derived from pylock.toml, the single source of truth.
import { closureOf, minorVersion } from './closure.js';
import type { Layout } from './layout.js';
import type { Lock, LockedPackage } from './lock.js';

/** One pin of a closure, as the application's RPM requires it. */
export type ClosureMember = Pick<LockedPackage, 'name' | 'version' | 'release'>;

/** Undefined if none is known. */
export function newestTime(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
}

/** The part of a lock that concerns one application. */
export interface Application {
  /** Its folder's name under `apps/`. */
  name: string;
  /** PEP 503 name of the application's library, which is a pin too. */
  library: string;
  /** The library's version, which is the application's. */
  version: string;
  /** The RPM's Release: incremented when the closure of the same version changes. */
  release: number;
  /** Date of the RPM: the newest of its wheels'. */
  time?: string;
  /** Minor version: `3.11`. */
  python: string;
  /** Whether the wheels contain compiled bytecode. It is listed so that a change of it rebuilds the application. */
  bytecode: boolean;
  /** Layout of the wheel RPMs. */
  layout: Layout;
  /** Compression of the payload; absent for the default. */
  compression?: string | undefined;
  /** Groups of the reqset's pins that may contain the same paths; see `Lock`. */
  overlaps?: string[][];
  /** The Python that the set brings along; absent if it uses the system's. */
  interpreter?: { version: string; release: number };
  /** The library and its closure, sorted by name. */
  wheels: ClosureMember[];
}

/** The applications of a lock, in the order of the lock. */
export function applicationsOf(lock: Lock): Application[] {
  const { python, bytecode, layout, compression, overlaps = [], packages, applications, interpreter } = lock;
  const shared = { python: minorVersion(python), bytecode, layout, compression };
  const bundled = interpreter && { interpreter: { version: python, release: interpreter.release } };
  return applications.map(({ name, release, library, groups = [] }) => {
    const version = packages.find((locked) => locked.name === library)?.version ?? '';
    const closure = closureOf(packages, [library, ...groups]);
    const time = newestTime(closure.map((member) => member.time));
    const wheels = closure.map((member) => ({
      name: member.name,
      version: member.version,
      release: member.release,
    }));
    const own = overlapsAmong(overlaps, wheels);
    const identity = { name, library, version, release, ...(time !== undefined && { time }) };
    return { ...identity, ...shared, ...(own.length > 0 && { overlaps: own }), ...bundled, wheels };
  });
}

/** The groups of overlapping pins that have at least two members of a closure, without their other members. */
export function overlapsAmong(
  overlaps: readonly (readonly string[])[],
  wheels: readonly Pick<ClosureMember, 'name'>[],
): string[][] {
  const names = new Set(wheels.map(({ name }) => name));
  return overlaps.map((group) => group.filter((name) => names.has(name))).filter(({ length }) => length > 1);
}

/** Formats `application.json`. The text does not depend on the order and comments of the lock. */
export function formatApplication(application: Application): string {
  const { name, library, version, release, time, python, wheels } = application;
  const { bytecode, layout, compression, overlaps, interpreter } = application;
  const identity = { name, library, version, release, time, python };
  // JSON omits undefined values.
  const settings = {
    ...(bytecode && { bytecode }),
    ...(layout !== 'tree' && { layout }),
    compression,
    overlaps,
    interpreter,
  };
  return `${JSON.stringify({ ...identity, ...settings, wheels }, null, 2)}\n`;
}
