// A pin's own file, `pins/<name>/pin.json`: the lock's entry of one package, so that Nx sees which pin a change of the lock touches.
// pylock.toml is the truth; these files are derived from it and compared with it before anything is built.
import { createHash } from 'node:crypto';
import { compactRecipe } from './build-recipe.js';
import { minorVersion } from './closure.js';
import type { Layout } from './layout.js';
import type { BuildRequirement, Lock, LockedPackage } from './lock.js';

/** What determines a pin's bytes and edges: its package in the lock and the environment that was resolved for. */
export interface Pin extends LockedPackage {
  /** Minor version: `3.11`. Another patch version changes no RPM, so no pin file holds it. */
  python: string;
  platform: string;
  /** Whether compiled bytecode is delivered beside the wheel's files. */
  bytecode: boolean;
  /** How the wheel's RPM carries it. */
  layout: Layout;
  /** How the wheel's RPM compresses its payload; absent where as it does by default. */
  compression?: string | undefined;
}

/** The lock's pins, in the order of their names. */
export function pinsOf({ packages, python, platform, bytecode, layout, compression }: Lock): Pin[] {
  return packages.map((locked) => ({
    ...locked,
    python: minorVersion(python),
    platform,
    bytecode,
    layout,
    compression,
  }));
}

/** The text of `pin.json`: the same for the same pin, whatever the order and comments of the lock. */
export function formatPin(pin: Pin): string {
  const { name, version, release, python, platform, bytecode, layout, compression } = pin;
  const { source, extras, requires, dependencies } = pin;
  const sorted = { extras: [...extras].sort(), requires: [...requires].sort(), dependencies: [...dependencies].sort() };
  const identity = { name, version, release, python, platform };
  // JSON leaves out what is undefined.
  const settings = { ...(bytecode && { bytecode }), ...(layout !== 'tree' && { layout }), compression };
  return `${JSON.stringify({ ...identity, ...settings, source: orderedSource(source), ...sorted }, null, 2)}\n`;
}

function orderedSource(source: Pin['source']): object {
  switch (source.kind) {
    case 'wheel':
      return { kind: source.kind, wheel: orderedWheel(source.wheel) };
    case 'prebuilt':
      return { kind: source.kind, path: source.path, wheel: orderedWheel(source.wheel) };
    case 'sdist': {
      const recipe = compactRecipe(source.recipe);
      const buildRequires = orderedRequirements(source.buildRequires);
      return {
        kind: source.kind,
        sdist: orderedWheel(source.sdist),
        buildRequires,
        ...(Object.keys(recipe).length > 0 && { recipe }),
      };
    }
    case 'directory':
      return { kind: source.kind, path: source.path, buildRequires: orderedRequirements(source.buildRequires) };
  }
}

function orderedRequirements(buildRequires: readonly BuildRequirement[]): object[] {
  return buildRequires
    .map(({ name, version, wheel, api }) => ({
      name,
      version,
      wheel: orderedWheel(wheel),
      ...(api !== undefined && { api }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function orderedWheel({ name, size, sha256 }: { name: string; size: number; sha256: string }) {
  return { name, size, sha256 };
}

/** sha256 in hex of the pin's text: part of every cache key of the pin. */
export function pinDigest(pin: Pin): string {
  return createHash('sha256').update(formatPin(pin)).digest('hex');
}
