// An application's own file, `apps/<app>/application.json` beside the pins: what its RPM takes from the lock, so that Nx sees which
// applications a change of the lock touches. pylock.toml is the truth; these files are derived from it.
import { createHash } from 'node:crypto';
import { closureOf, minorVersion } from './closure.js';
import type { Layout } from './layout.js';
import type { Lock, LockedPackage } from './lock.js';

/** One pin of a closure, as the application's RPM requires it. */
export type ClosureMember = Pick<LockedPackage, 'name' | 'version' | 'release'>;

/** What a lock says about one application. */
export interface Application {
  /** Its folder's name under `apps/`. */
  name: string;
  /** PEP 503 name of its own library, which is a pin too. */
  library: string;
  /** The library's version, which is the application's. */
  version: string;
  /** The RPM's release: rises when the closure of the same version changes. */
  release: number;
  /** Minor version: `3.11`. */
  python: string;
  /** Whether the wheels come with compiled bytecode: an environment without it would stay as it is, if nothing told. */
  bytecode: boolean;
  /** How the wheels' RPMs carry them. */
  layout: Layout;
  /** How the RPM compresses its payload; absent where as it does by default. */
  compression?: string | undefined;
  /** Pins that make the environment, without what they need themselves. */
  tools: string[];
  /** The library and all that it needs, in the order of their names. */
  wheels: ClosureMember[];
  /** The tools and all that they need, in the order of their names. */
  toolWheels: ClosureMember[];
}

/** The lock's applications, in the order of their names. */
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

/** The text of `application.json`: the same for the same application, whatever the order and comments of the lock. */
export function formatApplication(application: Application): string {
  const { name, library, version, release, python, bytecode, layout, compression } = application;
  const { tools, wheels, toolWheels } = application;
  const identity = { name, library, version, release, python };
  // JSON leaves out what is undefined.
  const settings = { ...(bytecode && { bytecode }), ...(layout !== 'tree' && { layout }), compression };
  return `${JSON.stringify({ ...identity, ...settings, tools, wheels, toolWheels }, null, 2)}\n`;
}

/** sha256 in hex of the application's text. */
export function applicationDigest(application: Application): string {
  return createHash('sha256').update(formatApplication(application)).digest('hex');
}
