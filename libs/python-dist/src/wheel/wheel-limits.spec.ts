/** Wheels that would take too much memory or disk. They are refused by their directory, before anything is inflated. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { rejected } from '@pinpack/testing';
import { DEFAULT_LIMITS, NO_WHEEL_LIMITS, type WheelLimits } from '../limits/limits.js';
import { readContents } from './canonical-wheel.js';
import { openWheel } from './wheel.js';
import { type FixtureEntry, type FixtureWheel, writeWheel } from './wheel.fixture.js';

/** 70 MiB of zeros in 70 kB. */
const ZEROS = Buffer.alloc(70 * 1024 * 1024);

function opening(wheel: FixtureWheel, limits: Partial<WheelLimits> = {}): Promise<string> {
  return rejected(async () => {
    const opened = await openWheel(writeWheel(wheel), { ...DEFAULT_LIMITS, ...limits });
    opened.close();
  });
}

describe('a wheel is refused', () => {
  test('if its files are far larger than the wheel', async () => {
    const message = await opening({ files: [{ name: 'zeros', data: ZEROS }] });
    expect(message).toMatch(
      /^DIST_WHEEL_TOO_LARGE demo-1\.0-py3-none-any\.whl: unpacks to at least 70 MiB, \d{3,4} times its \d+ bytes\n/,
    );
    expect(message).toContain('The limit is "wheelRatio": 50. If this is expected, raise it in nx.json');
  });

  test('if many small files add up', async () => {
    const raw = deflateRawSync(ZEROS.subarray(0, 2 ** 20));
    const files = Array.from({ length: 100 }, (_, index): FixtureEntry => {
      return { name: `f${index}`, data: 'x', raw, declaredSize: 2 ** 20 };
    });
    expect(await opening({ files })).toContain('unpacks to at least 65 MiB');
  });

  test('if its files exceed the limit in total', async () => {
    const files = [{ name: 'a', data: ZEROS.subarray(0, 2 ** 20) }];
    expect(await opening({ files }, { wheelMiB: 0.5 })).toContain(
      'unpacks to at least 1 MiB\n  The limit is "wheelMiB"',
    );
  });

  test('if it has too many entries', async () => {
    expect(await opening({}, { wheelFiles: 5 })).toContain('has more than 5 entries\n  The limit is "wheelFiles"');
  });

  test('if its METADATA or RECORD is too large', async () => {
    const metadata = `Metadata-Version: 2.1\nName: Demo\nVersion: 1.0\n\n${'y'.repeat(5 * 2 ** 20)}`;
    expect(await opening({ metadata })).toContain(
      'demo-1.0.dist-info/METADATA has 5242927 bytes\n  The limit is "meta',
    );
    expect(await opening({}, { metadataMiB: 1 / 2 ** 18 })).toContain('/RECORD has ');
  });
});

test('raised limits accept such a wheel', async () => {
  const limits = { ...DEFAULT_LIMITS, wheelRatio: 2000 };
  const wheel = await openWheel(writeWheel({ files: [{ name: 'zeros', data: ZEROS }] }), limits);
  let bytes = 0;
  for await (const { data } of readContents(wheel)) bytes += data.length;
  expect(bytes).toBeGreaterThan(ZEROS.length);
  wheel.close();
});

test('an entry that holds more than it declares is inflated no further', async () => {
  const files = [{ name: 'a', data: 'x'.repeat(1000), raw: deflateRawSync(ZEROS), declaredSize: 1000 }];
  const wheel = await openWheel(writeWheel({ files }));
  const entry = wheel.entries.find(({ name }) => name === 'a');
  expect(await rejected(() => wheel.read(entry ?? expect.fail()))).toContain('recorded 1000 bytes, found more');
  wheel.close();
});

test('a file of 2 GiB is refused, whatever the limits are', async () => {
  const files = [{ name: 'a', data: 'x'.repeat(100), declaredSize: 2 ** 31 }];
  expect(await rejected(() => openWheel(writeWheel({ files }), NO_WHEEL_LIMITS))).toContain(
    'DIST_WHEEL_TOO_LARGE demo-1.0-py3-none-any.whl: has a file of 2147483648 bytes, expected at most 2147483647',
  );
});
