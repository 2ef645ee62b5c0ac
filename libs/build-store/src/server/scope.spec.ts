import { describe, expect, test } from 'vitest';
import { branchNamespace } from '../names/object-keys.js';
import { isObjectPrefix, parseServedPath } from './served-path.js';
import { mayRead, mayRemove, mayWrite, ownNamespace, type Scope } from './scope.js';

const BRANCH = 'org/app#12';
const OWN = `v1/${branchNamespace(BRANCH)}/`;
const SCOPES: Record<string, Scope> = {
  read: { kind: 'read' },
  write: { kind: 'write' },
  branch: { kind: 'branch', branch: BRANCH },
  maintain: { kind: 'maintain' },
};

describe('the permissions of a scope', () => {
  // Path, who reads it, who writes it.
  test.each([
    ['v1/main/entries/nx/1', ['read', 'write', 'branch', 'maintain'], ['write', 'maintain']],
    [`${OWN}entries/nx/1`, ['branch', 'maintain'], ['branch', 'maintain']],
    [`v1/${branchNamespace('org/app#1')}/entries/nx/1`, ['maintain'], ['maintain']],
    ['v1/branch/', ['maintain'], ['maintain']],
    ['v1/mainly/x', ['maintain'], ['maintain']],
    ['v2/main/x', ['maintain'], ['maintain']],
    ['', ['maintain'], ['maintain']],
  ])('%s', (path, readers, writers) => {
    const names = Object.keys(SCOPES);
    const scopeOf = (name: string) => SCOPES[name] ?? { kind: 'read' as const };
    expect(names.filter((name) => mayRead(scopeOf(name), path))).toEqual(readers);
    expect(names.filter((name) => mayWrite(scopeOf(name), path))).toEqual(writers);
  });

  test('only maintain can remove: removing and writing again would overwrite', () => {
    expect(Object.values(SCOPES).filter(mayRemove)).toEqual([{ kind: 'maintain' }]);
  });

  test('the namespace for writes', () => {
    expect(Object.values(SCOPES).map(ownNamespace)).toEqual([undefined, 'main', branchNamespace(BRANCH), 'main']);
  });
});

describe('parseServedPath', () => {
  const digest = 'ab'.repeat(32);
  test.each([
    ['v1/main/entries/nx/123', undefined],
    [`v1/main/sha256/ab/${digest}`, digest],
    [`v1/branch/x-1/sha256/ab/${digest}`, digest],
    [`v1/main/sha256/ac/${digest}`, undefined],
    [`v1/main/other/sha256/ab/${digest}`, undefined],
  ])('%s', (path, sha256) => {
    expect(parseServedPath(path)).toEqual({ path, sha256 });
  });

  test.each([
    '',
    'v1/main',
    'v1/main/',
    'v2/main/x',
    'v1/branch/x',
    'v1/other/x',
    'v1/main//x',
    'v1/main/../x',
    'v1/main/.x',
    'v1/main/%2e%2e/x',
    'v1/main/x y',
    'v1/main/x\\y',
    'v1/main/x\n',
    'v1/main/é',
    `v1/main/${'x'.repeat(256)}`,
    `v1/main/${'x/'.repeat(500)}x`,
  ])('%j is none', (path) => {
    expect(parseServedPath(path)).toBeUndefined();
  });

  test('prefixes are whole segments', () => {
    expect(['', 'v1/', 'v1/main/', 'v1/branch/x/entries/'].every(isObjectPrefix)).toBe(true);
    expect(['v1', '/', 'v1/main', 'v1/../', 'v2/', 'v1/main//'].some(isObjectPrefix)).toBe(false);
  });
});
