import { expect, test } from 'vitest';
import { formatBytes } from './format-bytes.js';

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [16_900_000, '16.9 MB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [999_999, '1.0 MB'],
  [1_000_000, '1.0 MB'],
  [2_500_000_000, '2.5 GB'],
  [4_000_000_000_000, '4000.0 GB'],
])('%i is %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});
