import { describe, expect, test } from 'vitest';
import { PLACE, sampleLock } from './lock.fixture.js';
import { formatPin, pinDigest, pinsOf, type Pin } from './pin.js';
import { formatPylock, parsePylock } from './pylock.js';

function pinOf(name: string): Pin {
  const pin = pinsOf(sampleLock()).find((candidate) => candidate.name === name);
  if (pin === undefined) throw new RangeError(name);
  return pin;
}

describe('pinsOf', () => {
  test('adds the target to each package', () => {
    const pins = pinsOf(sampleLock());
    expect(pins.map(({ name }) => name)).toEqual(['my-demo', 'numpy', 'psycopg', 'psycopg-pool', 'six']);
    expect(new Set(pins.map(({ python, platform }) => `${python} ${platform}`))).toEqual(
      new Set(['3.11 manylinux_2_28_x86_64']),
    );
  });
});

describe('formatPin', () => {
  test('does not depend on the patch version of Python', () => {
    const lock = sampleLock();
    expect(pinsOf({ ...lock, python: '3.11.99' }).map(formatPin)).toEqual(pinsOf(lock).map(formatPin));
  });

  test('is JSON of the pin', () => {
    for (const { bytecode, layout, ...pin } of pinsOf(sampleLock())) {
      expect(JSON.parse(formatPin({ ...pin, bytecode, layout }))).toEqual(pin);
      const other = { ...pin, bytecode: true, layout: 'stored' as const, compression: 'xz:2' };
      expect(JSON.parse(formatPin(other))).toEqual(other);
    }
  });

  test('does not depend on the order of the lock, and is the same after formatting and parsing it', () => {
    const pin = pinOf('psycopg');
    const turned = {
      dependencies: [...pin.dependencies].reverse(),
      requires: [...pin.requires].reverse(),
      extras: [...pin.extras].reverse(),
      ...{ layout: pin.layout, bytecode: pin.bytecode, platform: pin.platform, python: pin.python, source: pin.source },
      ...{ release: pin.release, version: pin.version, name: pin.name },
    };
    expect(formatPin(turned)).toBe(formatPin(pin));
    const again = pinsOf(parsePylock(formatPylock(sampleLock(), PLACE), 'pylock.toml', PLACE.folder));
    expect(again.map(formatPin)).toEqual(pinsOf(sampleLock()).map(formatPin));
  });
});

describe('pinDigest', () => {
  const changes: [string, Partial<Pin>][] = [
    ['version', { version: '3.3' }],
    ['release', { release: 2 }],
    ['python', { python: '3.12' }],
    ['platform', { platform: 'manylinux_2_34_x86_64' }],
    ['bytecode', { bytecode: true }],
    ['layout', { layout: 'stored' }],
    ['compression', { compression: 'xz:2' }],
    ['extras', { extras: ['binary'] }],
    ['requires', { requires: ['six>=2'] }],
    ['dependencies', { dependencies: ['six'] }],
    ['source', { source: { kind: 'directory', path: 'apps/x', buildRequires: [] } }],
  ];

  test.each(changes)('changes with its %s', (_, change) => {
    expect(pinDigest({ ...pinOf('psycopg'), ...change })).not.toBe(pinDigest(pinOf('psycopg')));
  });

  test('is 64 hexadecimal digits', () => {
    expect(pinDigest(pinOf('six'))).toMatch(/^[0-9a-f]{64}$/);
  });
});
