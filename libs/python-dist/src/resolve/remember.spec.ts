import { readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { z } from 'zod';
import { remember } from './remember.js';

const schema = z.object({ lines: z.array(z.string()) });

function cached(cache: string, found: string) {
  return remember({ cache, key: ['key'], schema }, () => Promise.resolve({ lines: [found] }));
}

test('finds facts once', async () => {
  const cache = temporaryFolder();
  expect(await cached(cache, 'first')).toEqual({ lines: ['first'] });
  expect(await cached(cache, 'second')).toEqual({ lines: ['first'] });
});

test.each(['', '{"lines":', '{"lines":[3]}', '[]'])('finds facts again if the file is damaged: %j', async (text) => {
  const cache = temporaryFolder();
  await cached(cache, 'first');
  const [file = ''] = readdirSync(join(cache, 'sdists'));
  writeFileSync(join(cache, 'sdists', file), text);
  expect(await cached(cache, 'second')).toEqual({ lines: ['second'] });
});

test('reports a file that cannot be read', async () => {
  const cache = temporaryFolder();
  await cached(cache, 'first');
  const [file = ''] = readdirSync(join(cache, 'sdists'));
  rmSync(join(cache, 'sdists', file));
  mkdirSync(join(cache, 'sdists', file));
  await expect(cached(cache, 'second')).rejects.toMatchObject({ code: 'EISDIR' });
});
