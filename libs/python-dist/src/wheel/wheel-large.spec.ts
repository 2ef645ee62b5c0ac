import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readContents } from './canonical-wheel.js';
import { openWheel } from './wheel.js';
import { type FixtureEntry, writeWheel } from './wheel.fixture.js';

/** Large enough to be inflated in the thread pool. */
const LARGE = randomBytes(200_000);

const large = (name: string, damage: Partial<FixtureEntry> = {}): FixtureEntry => ({ name, data: LARGE, ...damage });

/** The names of the files that were read, and the error. RECORD has no sizes, so that only those of the zip are checked. */
async function readAll(files: FixtureEntry[]): Promise<{ names: string[]; error?: unknown }> {
  const changeRecord = (text: string) => text.replaceAll(/,\d+$/gm, ',');
  const wheel = await openWheel(writeWheel({ files, changeRecord }));
  const names: string[] = [];
  try {
    for await (const { entry, data } of readContents(wheel)) {
      if (entry.name.length === 1) names.push(entry.name);
      if (entry.size === LARGE.length) expect(data.equals(LARGE)).toBe(true);
    }
    return { names };
  } catch (error) {
    return { names, error };
  } finally {
    wheel.close();
  }
}

describe('a large file', () => {
  test.each<[string, Partial<FixtureEntry>]>([
    ['recorded CRC 00000001', { declaredCrc32: 1 }],
    ['recorded 199999 bytes, found more', { declaredSize: 199_999 }],
    ['recorded 200001 bytes, found 200000', { declaredSize: 200_001 }],
    ['deflate: unexpected end of file', { raw: deflateRawSync(LARGE).subarray(0, 150_000) }],
  ])('does not match: %s', async (message, damage) => {
    const { error } = await readAll([large('a', damage)]);
    expect(error).toMatchObject({ issues: [{ code: 'DIST_WHEEL_DAMAGED' }] });
    expect(String(error)).toContain(`a does not match the zip's directory\n  ${message}`);
  });

  test('is read in order with small ones', async () => {
    const files = [large('c'), { name: 'b', data: 'small' }, large('a'), { name: 'd', data: 'small' }];
    expect(await readAll(files)).toEqual({ names: ['a', 'b', 'c', 'd'] });
  });

  test('is reported first, although an error of a later file is found earlier', async () => {
    const { names, error } = await readAll([
      large('a'),
      large('b', { declaredCrc32: 1 }),
      { name: 'c', data: 'small', declaredCrc32: 2 },
    ]);
    expect(names).toEqual(['a']);
    expect(String(error)).toContain("b does not match the zip's directory");
  });
});
