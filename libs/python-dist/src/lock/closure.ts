// What some pins need, over any number of steps: an application's closure, and that of the tools which make its environment.
import type { Lock, LockedPackage } from './lock.js';

/** The named packages and everything that they depend on, in the order of their names. Names that aren't locked are left out. */
export function closureOf<Package extends Pick<LockedPackage, 'name' | 'dependencies'>>(
  packages: readonly Package[],
  roots: readonly string[],
): Package[] {
  const byName = new Map(packages.map((locked) => [locked.name, locked]));
  const found = new Map<string, Package>();
  const pending = [...roots];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const locked = byName.get(name);
    // Python's packages may depend on each other in a circle.
    if (locked === undefined || found.has(name)) continue;
    found.set(name, locked);
    pending.push(...locked.dependencies);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The minor version that wheels and RPMs are for: `3.11`. @param python - full version */
export function minorVersion(python: string): string {
  return python.split('.').slice(0, 2).join('.');
}

/** What an application's RPM requires of a lock, as text: where it differs, the RPM's bytes do. */
export function closureText(lock: Pick<Lock, 'python' | 'packages'>, roots: readonly string[]): string {
  const closure = closureOf(lock.packages, roots).map(({ name, version, release }) => [name, version, release]);
  return JSON.stringify([minorVersion(lock.python), closure]);
}
