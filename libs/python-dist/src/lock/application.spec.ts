import { describe, expect, test } from 'vitest';
import { applicationsOf, formatApplication, type Application } from './application.js';
import { PLACE, sampleLock } from './lock.fixture.js';
import { formatPylock, parsePylock } from './pylock.js';

const EXPECTED: Application = {
  name: 'demo',
  library: 'my-demo',
  version: '1.0',
  release: 2,
  python: '3.11',
  bytecode: false,
  layout: 'tree',
  wheels: [
    { name: 'my-demo', version: '1.0', release: 1 },
    { name: 'numpy', version: '2.4.6', release: 3 },
  ],
};

describe('applicationsOf', () => {
  test('has the closure of the library', () => {
    expect(applicationsOf(sampleLock())).toEqual([EXPECTED]);
  });

  test('has the groups of overlapping pins of its closure', () => {
    const overlaps = [
      ['numpy', 'six', 'my-demo'],
      ['six', 'numpy'],
    ];
    expect(applicationsOf({ ...sampleLock(), overlaps })).toEqual([{ ...EXPECTED, overlaps: [['numpy', 'my-demo']] }]);
  });
});

describe('formatApplication', () => {
  test('is JSON of the application', () => {
    const { bytecode, layout, ...without } = EXPECTED;
    expect(JSON.parse(formatApplication({ ...without, bytecode, layout }))).toEqual(without);
    const other = { ...without, bytecode: true, layout: 'stored' as const, compression: 'xz:2' };
    expect(JSON.parse(formatApplication(other))).toEqual(other);
  });

  test('does not depend on the order of the lock, and is the same after formatting and parsing it', () => {
    const turned = { ...sampleLock(), packages: [...sampleLock().packages].reverse() };
    const read = parsePylock(formatPylock(turned, PLACE), 'pylock.toml', PLACE.folder);
    expect(applicationsOf(turned).map(formatApplication)).toEqual([formatApplication(EXPECTED)]);
    expect(applicationsOf(read).map(formatApplication)).toEqual([formatApplication(EXPECTED)]);
  });
});
