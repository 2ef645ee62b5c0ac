import { describe, expect, it } from 'vitest';
import { branchNamespace, contentPath, entryPath, isNamespace, parseObjectPath } from './object-keys.js';

const SHA256 = 'ab'.repeat(32);

describe('paths', () => {
  it.each(['main', branchNamespace('feature/x')] as const)('of %s lead there and back', (namespace) => {
    expect(contentPath(namespace, SHA256)).toBe(`v1/${namespace}/sha256/ab/${SHA256}`);
    expect(parseObjectPath(contentPath(namespace, SHA256))).toEqual({ what: 'content', namespace, sha256: SHA256 });
    expect(parseObjectPath(entryPath(namespace, 'nx', '12'))).toEqual({
      what: 'record',
      namespace,
      kind: 'nx',
      key: '12',
    });
  });

  it.each(['../x', 'a/b', '', '.', 'a.b', 'x'.repeat(129), 'a\n'])('no key is %j', (key) => {
    expect(() => entryPath('main', 'nx', key)).toThrow(RangeError);
  });

  it.each(['', 'AB'.repeat(32), SHA256.slice(1), `${SHA256}0`, `${SHA256}\n`])('no sha256 is %j', (sha256) => {
    expect(() => contentPath('main', sha256)).toThrow(RangeError);
  });

  it.each([
    `v2/main/sha256/ab/${SHA256}`,
    `v1/main/sha256/cd/${SHA256}`,
    'v1/main/entries/other/12',
    'v1/branch/../entries/nx/12',
    'v1/branch/entries/nx/12',
    'v1/main/entries/nx/12/3',
  ])('%s is not of the layout', (path) => {
    expect(parseObjectPath(path)).toBeUndefined();
  });
});

describe('branchNamespace', () => {
  it.each(['main', 'a/b', 'a-b', 'a b', '..', '.', '', 'ü', '../../main', 'x'.repeat(500)])(
    'of %j is one part of a path',
    (branch) => {
      expect(branchNamespace(branch)).toMatch(/^branch\/[^/.][^/]*$/);
      expect(isNamespace(branchNamespace(branch))).toBe(true);
    },
  );

  it('is another for each branch', () => {
    const branches = ['a/b', 'a-b', 'a b', 'A/b', 'x'.repeat(100), 'x'.repeat(101)];
    expect(new Set(branches.map(branchNamespace)).size).toBe(branches.length);
  });
});
