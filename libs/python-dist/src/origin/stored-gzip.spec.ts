import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { storedGzip } from './stored-gzip.js';

test.each([0, 1, 65_534, 65_535, 65_536, 200_000])('%i bytes are those that gunzip restores', (length) => {
  const data = Buffer.from(Array.from({ length }, (_, at) => (at * 31) % 251));
  expect(gunzipSync(storedGzip(data)).equals(data)).toBe(true);
});
