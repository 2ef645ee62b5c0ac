import { expect, test } from 'vitest';
import { FLEETS, refusedFleet } from './fleets.js';
import { compressionOf, FLEET_NAMES, lockedCompression } from './payload-compression.js';

test.each([
  [{}, undefined],
  [{ compression: 'zstd:3' }, undefined],
  [{ compression: 'none' }, 'none'],
  [{ fleet: 'el8' }, 'xz:2'],
  [{ fleet: 'el9' }, 'xz:2'],
  [{ fleet: 'suse' }, 'xz:2'],
  [{ fleet: 'suse16' }, 'zstd:19'],
  [{ fleet: 'al2023' }, 'zstd:19'],
  [{ fleet: 'patches' }, 'none'],
  [{ fleet: 'el10' }, 'zstd:19'],
  [{ fleet: 'fedora' }, 'zstd:19'],
  [{ fleet: 'fedora', compression: 'xz:6' }, 'xz:6'],
  [{ fleet: 'el9', compression: 'zstd:3' }, undefined],
  [{ fleet: 'unknown' }, undefined],
])('%j is %j in the lock', (settings, expected) => {
  expect(lockedCompression(settings)).toBe(expected);
});

test('the fleets to choose from are those that reqset.json can have, and servers that download patches', () => {
  const accepted = Object.keys(FLEETS).filter((name) => refusedFleet(name) === undefined);
  expect(FLEET_NAMES).toEqual([...accepted, 'patches']);
  for (const fleet of FLEET_NAMES) expect(lockedCompression({ fleet })).toMatch(/^(?:none|xz:2|zstd:19)$/);
});

test('is that of the lock, or the old default', () => {
  expect(compressionOf({})).toEqual({ kind: 'zstd', level: 3 });
  expect(compressionOf({ compression: 'none' })).toEqual({ kind: 'none' });
  expect(() => compressionOf({ compression: 'xz:9' })).toThrow(
    expect.objectContaining({ code: 'RPM_COMPRESSION_INVALID' }),
  );
});
