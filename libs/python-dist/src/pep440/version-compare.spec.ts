import { expect, it } from 'vitest';
import { compareVersions, isSameVersion } from './version-compare.js';
import { tryParseVersion } from './version.js';

/** In the order of the version specifiers specification, "Local version identifiers" and "Summary of permitted suffixes". */
const ASCENDING = [
  ...['1.0.dev1', '1.0a1.dev1', '1.0a1', '1.0a1.post1.dev1', '1.0a1.post1', '1.0b1', '1.0rc1'],
  ...['1.0', '1.0+1a', '1.0+a', '1.0+ab', '1.0+b', '1.0+b.a', '1.0+b.1', '1.0+2', '1.0+2.a', '1.0+2.3', '1.0+10'],
  ...['1.0.post1.dev1', '1.0.post1', '1.0.1', '1.1', '1!0.1'],
];

it('orders all suffixes and local versions', () => {
  const versions = ASCENDING.flatMap((text) => tryParseVersion(text) ?? []);
  expect(versions).toHaveLength(ASCENDING.length);
  const found = versions.map((one) => versions.map((other) => Math.sign(compareVersions(one, other))));
  expect(found).toEqual(versions.map((_, row) => versions.map((__, column) => Math.sign(row - column))));
});

it.each([
  ['1.0', '1', true],
  ['1.0', '1.0+a', false],
  ['1.0+A', '1.0+a', true],
  ['1.0', '1.1', false],
  ['legacy', 'legacy', true],
  ['legacy', 'other', false],
  ['1.0', 'legacy', false],
  ['legacy', '1.0', false],
])('tells whether %s is %s: %s', (one, other, expected) => {
  expect(isSameVersion(one, other)).toBe(expected);
});
