// Transitive dependencies of pins: the closure of an application.
import type { Lock, LockedPackage } from './lock.js';

/** The named packages and their transitive dependencies, sorted by name. Names that are not locked are ignored. */
export function closureOf<Package extends Pick<LockedPackage, 'name' | 'dependencies'>>(
  packages: readonly Package[],
  roots: readonly string[],
): Package[] {
  const byName = new Map(packages.map((locked) => [locked.name, locked]));
  const found = new Map<string, Package>();
  const pending = [...roots];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const locked = byName.get(name);
    // Python packages may have cyclic dependencies.
    if (locked === undefined || found.has(name)) continue;
    found.set(name, locked);
    pending.push(...locked.dependencies);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The minor version, which wheels and RPMs depend on: `3.11`, or `3.13t` without the GIL. @param python - full version: `3.11.2`, `3.13.0t` */
export function minorVersion(python: string): string {
  return `${plainVersion(python).split('.').slice(0, 2).join('.')}${python.endsWith('t') ? 't' : ''}`;
}

/** The version as Python itself and RPMs have it: `3.13.0` also for `3.13.0t`. @param python - full version */
export function plainVersion(python: string): string {
  return python.replace(/t$/, '');
}

/** The part of a lock that an application's RPM requires, as text: if it changes, so does the RPM. */
export function closureText(lock: Pick<Lock, 'python' | 'packages'>, roots: readonly string[]): string {
  const closure = closureOf(lock.packages, roots).map(({ name, version, release }) => [name, version, release]);
  return JSON.stringify([minorVersion(lock.python), closure]);
}
