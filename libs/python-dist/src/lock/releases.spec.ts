import { describe, expect, test } from 'vitest';
import { sampleLock } from './lock.fixture.js';
import type { Lock, LockedInterpreter, LockedPackage } from './lock.js';
import { withReleases } from './releases.js';

/** A new lock before `withReleases`. */
function fresh(change: Partial<Lock> = {}): Lock {
  const lock = { ...sampleLock(), ...change };
  return {
    ...lock,
    packages: lock.packages.map((locked) => ({ ...locked, release: 1 })),
    applications: lock.applications.map((app) => ({ ...app, release: 1 })),
  };
}

function changed(name: string, change: Partial<LockedPackage>): LockedPackage[] {
  return sampleLock().packages.map((locked) => (locked.name === name ? { ...locked, ...change } : locked));
}

function releases({ packages, applications }: Lock): Record<string, number> {
  return Object.fromEntries([...packages, ...applications].map(({ name, release }) => [name, release]));
}

const BEFORE = { 'my-demo': 1, numpy: 3, psycopg: 1, 'psycopg-pool': 1, six: 1, demo: 2 };

const INTERPRETER: LockedInterpreter = {
  ...{ kind: 'archive', location: 'python.tar.gz', sha256: 'ef'.repeat(32), size: 1, keep: [], release: 1 },
};

describe('withReleases of a Python that comes along', () => {
  const before = { ...sampleLock(), interpreter: { ...INTERPRETER, release: 4 } };

  test.each<[string, Partial<Lock>, object]>([
    ['nothing', {}, { python: 4, 'my-demo': 1, numpy: 3, demo: 2 }],
    // What it builds, and the applications that require it; no other wheel.
    [
      'other bytes',
      { interpreter: { ...INTERPRETER, sha256: 'aa'.repeat(32) } },
      { python: 5, 'my-demo': 2, numpy: 3, demo: 3 },
    ],
    [
      'other parts',
      { interpreter: { ...INTERPRETER, keep: ['tests'] } },
      { python: 5, 'my-demo': 1, numpy: 3, demo: 3 },
    ],
    ['another place', { interpreter: { ...INTERPRETER, location: 'other' } }, { python: 4, numpy: 3, demo: 2 }],
    ['another version', { python: '3.11.9' }, { python: 1, 'my-demo': 1, numpy: 3, demo: 3 }],
  ])('%s', (_, change, expected) => {
    const after = withReleases(fresh({ interpreter: INTERPRETER, ...change }), before);
    expect({ ...releases(after), python: after.interpreter?.release }).toMatchObject(expected);
  });
});

describe('withReleases', () => {
  test('starts at one', () => {
    expect(withReleases(fresh(), undefined)).toEqual(fresh());
  });

  test('keeps the Releases of unchanged packages', () => {
    expect(withReleases(fresh(), sampleLock())).toEqual(sampleLock());
  });

  test.each<[string, Partial<Lock>, Partial<typeof BEFORE>]>([
    ['other requirements', { packages: changed('numpy', { requires: ['six'] }) }, { numpy: 4, demo: 3 }],
    ['another version', { packages: changed('numpy', { version: '2.4.7' }) }, { numpy: 1, demo: 3 }],
    ['a package outside of the closure', { packages: changed('psycopg', { version: '3.3' }) }, {}],
    ['another version of the application', { packages: changed('my-demo', { version: '1.1' }) }, { demo: 1 }],
    ['another library', { applications: [{ name: 'demo', release: 1, library: 'psycopg' }] }, { demo: 1 }],
    ['a new application', { applications: [{ name: 'new', release: 1, library: 'my-demo' }] }, {}],
    ['a patch of Python', { python: '3.11.9' }, {}],
    // Every RPM then requires another Python.
    [
      'a Python that comes along',
      { interpreter: INTERPRETER },
      { 'my-demo': 2, numpy: 4, psycopg: 2, 'psycopg-pool': 2, six: 2, demo: 3 },
    ],
  ])('%s', (_, change, expected) => {
    const after = releases(withReleases(fresh(change), sampleLock()));
    const isRenamed = 'new' in after;
    expect(after).toEqual(isRenamed ? { ...BEFORE, demo: undefined, new: 1 } : { ...BEFORE, ...expected });
  });

  test.each<Partial<Lock>>([{ bytecode: true }, { python: '3.12.0' }, { layout: 'stored' }, { compression: 'xz:2' }])(
    '%j changes the bytes of every RPM',
    (change) => {
      const raised = Object.entries(BEFORE).map(([name, release]) => [name, release + 1]);
      expect(releases(withReleases(fresh(change), sampleLock()))).toEqual(Object.fromEntries(raised));
    },
  );

  test('another layout and back again are two upgrades', () => {
    const stored = withReleases(fresh({ layout: 'stored' }), sampleLock());
    const back = withReleases(fresh(), stored);
    expect(releases(back)).toEqual(
      Object.fromEntries(Object.entries(BEFORE).map(([name, release]) => [name, release + 2])),
    );
  });

  test('bytecode of stored wheels changes applications but not wheel RPMs', () => {
    const stored = { ...sampleLock(), layout: 'stored' as const };
    const compiled = fresh({ layout: 'stored', bytecode: true });
    expect(releases(withReleases(compiled, stored))).toEqual({ ...BEFORE, demo: BEFORE.demo + 1 });
  });
});
