/** Locks for specs. */
import type { Lock, LockedPackage } from './lock.js';
import type { LockLocation } from './pylock.js';

export const SHA256 = 'ab'.repeat(32);

export const PLACE: LockLocation = { folder: 'reqsets/reqset3', wheels: 'dist/wheels/reqset3' };

export function wheelPackage(name: string, version: string, more: Partial<LockedPackage> = {}): LockedPackage {
  const wheel = { name: `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`, size: 1000, sha256: SHA256 };
  return {
    name,
    version,
    release: 1,
    source: { kind: 'wheel', wheel },
    extras: [],
    requires: [],
    dependencies: [],
    ...more,
  };
}

/** A lock with an example of every kind of entry. */
export function sampleLock(): Lock {
  const setuptools = { name: 'setuptools-80.0-py3-none-any.whl', size: 10, sha256: SHA256 };
  return {
    python: '3.11.2',
    platform: 'manylinux_2_28_x86_64',
    inputsSha256: 'cd'.repeat(32),
    bytecode: false,
    layout: 'tree',
    applications: [{ name: 'demo', release: 2, library: 'my-demo' }],
    packages: [
      wheelPackage('my-demo', '1.0', {
        source: {
          kind: 'directory',
          path: 'apps/demo',
          buildRequires: [{ name: 'setuptools', version: '80.0', wheel: setuptools }],
        },
        requires: ['numpy<3,>=2'],
        dependencies: ['numpy'],
      }),
      wheelPackage('numpy', '2.4.6', { release: 3 }),
      wheelPackage('psycopg', '3.2', {
        extras: ['binary', 'pool'],
        requires: ['psycopg-pool', 'six>=1'],
        dependencies: ['psycopg-pool', 'six'],
      }),
      wheelPackage('psycopg-pool', '3.2.1'),
      wheelPackage('six', '1.17'),
    ],
  };
}
