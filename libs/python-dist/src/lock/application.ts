// The file of an application beside the pins, `apps/<app>/application.json`: the part of the lock that its RPM depends on, so that Nx knows which
// applications a change of the lock affects. It is derived from pylock.toml, the single source of truth.
import { closureOf, minorVersion } from './closure.js';
import type { Layout } from './layout.js';
import type { Lock, LockedPackage } from './lock.js';

/** One pin of a closure, as the application's RPM requires it. */
export type ClosureMember = Pick<LockedPackage, 'name' | 'version' | 'release'>;

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
  /** Minor version: `3.11`. */
  python: string;
  /** Whether the wheels contain compiled bytecode. It is listed so that a change of it rebuilds the application. */
  bytecode: boolean;
  /** Layout of the wheel RPMs. */
  layout: Layout;
  /** Compression of the payload; absent for the default. */
  compression?: string | undefined;
  /** Pins that create the environment, without their dependencies. */
  tools: string[];
  /** The library and its closure, sorted by name. */
  wheels: ClosureMember[];
  /** The tools and their closure, sorted by name. */
  toolWheels: ClosureMember[];
}

/** The applications of a lock, in the order of the lock. */
export function applicationsOf(lock: Lock): Application[] {
  const { python, bytecode, layout, compression, packages, applications } = lock;
  const shared = { python: minorVersion(python), bytecode, layout, compression };
  const members = (roots: readonly string[]): ClosureMember[] =>
    closureOf(packages, roots).map(({ name, version, release }) => ({ name, version, release }));
  return applications.map(({ name, release, library, tools }) => {
    const version = packages.find((locked) => locked.name === library)?.version ?? '';
    const sorted = [...tools].sort();
    const [wheels, toolWheels] = [members([library]), members(tools)];
    return { name, library, version, release, ...shared, tools: sorted, wheels, toolWheels };
  });
}

/** Formats `application.json`. The text does not depend on the order and comments of the lock. */
export function formatApplication(application: Application): string {
  const { name, library, version, release, python, bytecode, layout, compression } = application;
  const { tools, wheels, toolWheels } = application;
  const identity = { name, library, version, release, python };
  // JSON omits undefined values.
  const settings = { ...(bytecode && { bytecode }), ...(layout !== 'tree' && { layout }), compression };
  return `${JSON.stringify({ ...identity, ...settings, tools, wheels, toolWheels }, null, 2)}\n`;
}
