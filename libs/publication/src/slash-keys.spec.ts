import { describe, expect, it } from 'vitest';
import { StoreError } from '@pinpack/build-store';
import type { PublicationTarget, PublishedFile } from './publication-target.js';
import { SlashKeys } from './slash-keys.js';

/** A target with only the methods that a probe calls. @param kept - the content behind a key that ends with a slash */
function targetThat(kept: 'all' | 'nothing' | StoreError) {
  const calls: string[] = [];
  const target: Pick<PublicationTarget, 'replace' | 'read' | 'remove'> = {
    replace: (path, { size }: PublishedFile) => {
      calls.push(`replace ${path} ${size}`);
      return kept instanceof StoreError ? Promise.reject(kept) : Promise.resolve(true);
    },
    read: (_path, limit) => Promise.resolve({ bytes: Buffer.alloc(kept === 'all' ? limit : 0), version: '1' }),
    remove: (path) => {
      calls.push(`remove ${path}`);
      return Promise.resolve();
    },
  };
  return { calls, keys: new SlashKeys(target as PublicationTarget) };
}

const INDEX = 'demo/simple/numpy/index.html';

describe('keys that end with a slash', () => {
  it('are used if the server serves their content, which is probed once', async () => {
    const { calls, keys } = targetThat('all');
    expect(await Promise.all([keys.twinOf(INDEX), keys.twinOf('demo/simple/index.html')])).toEqual([
      'demo/simple/numpy/',
      'demo/simple/',
    ]);
    expect(calls).toEqual(['replace demo/.probe/ 53', 'remove demo/.probe/']);
  });

  it.each([
    'nothing',
    new StoreError('STORE_CONTENT_DIFFERS', 'x', 'y'),
    new StoreError('STORE_ANSWER_INVALID', 'x', 'y'),
  ] as const)('are not used if it serves %s', async (kept) => {
    const { calls, keys } = targetThat(kept);
    expect(await keys.twinOf(INDEX)).toBeUndefined();
    expect(calls.at(-1)).toBe('remove demo/.probe/');
  });

  it('a missing permission is reported', async () => {
    const { keys } = targetThat(new StoreError('STORE_FORBIDDEN', 'x', 'y'));
    await expect(keys.twinOf(INDEX)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
  });

  it.each(['demo/simple/numpy/index.json', 'demo/mirrorlist', 'demo/xindex.html'])('%s is not probed', async (path) => {
    const { calls, keys } = targetThat('all');
    expect([await keys.twinOf(path), calls]).toEqual([undefined, []]);
  });
});
