import { describe, expect, test } from 'vitest';
import { closureOf, closureText, minorVersion } from './closure.js';
import { wheelPackage } from './lock.fixture.js';

const CHAIN = [
  wheelPackage('a', '1', { dependencies: ['b'] }),
  wheelPackage('b', '1', { dependencies: ['c'] }),
  wheelPackage('c', '1', { dependencies: ['a'] }),
  wheelPackage('d', '1', { dependencies: ['c', 'd'] }),
  wheelPackage('e', '1'),
];

function names(...roots: string[]): string[] {
  return closureOf(CHAIN, roots).map(({ name }) => name);
}

describe('closureOf', () => {
  test('follows transitive and cyclic dependencies', () => {
    expect(names('a')).toEqual(['a', 'b', 'c']);
    expect(names('d')).toEqual(['a', 'b', 'c', 'd']);
    expect(names('e', 'c')).toEqual(['a', 'b', 'c', 'e']);
  });

  test('ignores names that are not locked', () => {
    expect(names('nosuchthing', 'e')).toEqual(['e']);
    expect(names()).toEqual([]);
  });
});

describe('closureText', () => {
  const text = (packages = CHAIN, python = '3.11.2') => closureText({ python, packages }, ['a']);

  test.each([
    ['a version', text(CHAIN.with(2, wheelPackage('c', '2')))],
    ['a release', text(CHAIN.with(1, { ...CHAIN[1], release: 2 } as never))],
    ['another package', text(CHAIN.with(2, wheelPackage('c', '1', { dependencies: ['e'] })))],
    ['another minor version of Python', text(CHAIN, '3.12.2')],
  ])('differs with %s', (_, changed) => {
    expect(changed).not.toBe(text());
  });

  test('does not depend on other packages, on order and on the patch version of Python', () => {
    expect(text([...CHAIN].reverse().filter(({ name }) => name !== 'e'))).toBe(text());
    expect(text(CHAIN, '3.11.9')).toBe(text());
  });
});

test('minorVersion', () => {
  expect(minorVersion('3.11.2')).toBe('3.11');
});
