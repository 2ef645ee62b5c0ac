import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage, sampleSourcePin, SHA256 } from '@pinpack/rpm-packaging/testing';
import { formatUpdates, planUpdates } from './plan-updates.js';

const NUMPY_WHEEL = { name: 'numpy-2.4.5-cp311-cp311-manylinux_2_28_x86_64.whl', size: 1000, sha256: SHA256 };

const LOCK = sampleLock(
  [
    sampleSourcePin({
      name: 'my-demo',
      dependencies: ['scipy'],
      source: {
        kind: 'directory',
        path: 'apps/demo',
        buildRequires: [{ name: 'numpy', version: '2.4.5', wheel: NUMPY_WHEEL }],
      },
    }),
    samplePackage({ version: '2.4.5' }),
    samplePackage({ name: 'old', version: '1.0' }),
    samplePackage({ name: 'scipy', version: '1.17.1', dependencies: ['numpy'] }),
    samplePackage({ name: 'six', version: '1.17' }),
  ],
  { applications: [{ name: 'demo', release: 1, library: 'my-demo' }] },
);

const UPGRADED = sampleLock([
  sampleSourcePin({ name: 'my-demo' }),
  samplePackage({ version: '2.4.6' }),
  samplePackage({ name: 'fresh', version: '1.0' }),
  samplePackage({ name: 'scipy', version: '1.17.1' }),
  samplePackage({ name: 'six', version: '1.17' }),
]);

const NEWEST = new Map([
  ['numpy', { version: '2.5.0', size: 5000 }],
  ['scipy', { version: '2.0' }],
]);

describe('outdated', () => {
  const updates = planUpdates('reqset3', LOCK, UPGRADED, NEWEST);

  test('reports which pins an upgrade adds, changes and removes, and the newest versions', () => {
    expect(updates.map(({ rebuilds: _, ...update }) => update)).toEqual([
      { name: 'fresh', compatible: '1.0', download: 1000 },
      { name: 'numpy', locked: '2.4.5', compatible: '2.4.6', newest: '2.5.0', download: 1000 },
      { name: 'old', locked: '1.0' },
      { name: 'scipy', locked: '1.17.1', compatible: '1.17.1', newest: '2.0' },
    ]);
  });

  test('reports what would be rebuilt: what is built with the pin, and the applications that have it', () => {
    const rebuilds = new Map(updates.map((update) => [update.name, update.rebuilds]));
    expect(rebuilds.get('numpy')).toEqual(['reqset3-wheel-numpy', 'reqset3-wheel-my-demo', 'reqset3-demo']);
    expect(rebuilds.get('old')).toEqual(['reqset3-wheel-old']);
    expect(rebuilds.get('scipy')).toEqual(['reqset3-wheel-scipy', 'reqset3-demo']);
  });

  test('is a table with totals', () => {
    expect(formatUpdates('reqset3', updates, 5)).toBe(
      [
        'pin    locked  compatible  newest  download  RPMs',
        'fresh          1.0                   1.0 kB     1',
        'numpy   2.4.5  2.4.6        2.5.0    1.0 kB     3',
        'old       1.0  removed                          1',
        'scipy  1.17.1                 2.0               2',
        'reqset3: lock --upgrade would move 3 of 5 pins, download 2.0 kB and make 5 RPMs',
      ].join('\n'),
    );
  });

  test('has a line for: nothing newer, and nothing newer allowed', () => {
    expect(formatUpdates('multi/py311', [], 5)).toBe('multi-py311: all 5 pins are at their newest versions');
    const held = planUpdates('reqset3', LOCK, LOCK, NEWEST);
    expect(formatUpdates('reqset3', held, 5)).toMatch(/\nreqset3: the requirements allow no upgrade$/);
  });
});
