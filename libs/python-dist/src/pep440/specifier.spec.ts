import { describe, expect, test } from 'vitest';
import { DistError } from '../dist-error.js';
import { askPython, drawCases, packagingPython, type Random } from '@pinpack/testing';
import { formatSpecifierSet } from './specifier.fixture.js';
import { parseSpecifierSet, satisfies } from './specifier.js';
import { drawBrokenVersion, drawVersion } from './version.fixture.js';
import { formatVersion, parseVersion } from './version.js';

const PARSE = `
from packaging.specifiers import SpecifierSet, InvalidSpecifier
def describe(text):
    try: return sorted([s.operator, s.version] for s in SpecifierSet(text))
    except InvalidSpecifier: return None
results = [describe(text) for text in cases]`;

const CONTAINS = `
from packaging.specifiers import SpecifierSet
results = [SpecifierSet(text).contains(version, prereleases=pre) for text, version, pre in cases]`;

const OPERATORS = ['~=', '==', '!=', '<=', '>=', '<', '>', '===', '='];

function drawSpecifier(random: Random): string {
  const version = random.below(4) === 0 ? drawBrokenVersion(random) : drawVersion(random);
  return `${random.maybe(' ')}${random.pick(OPERATORS)}${random.maybe(' ')}${version}${random.below(6) === 0 ? '.*' : ''}`;
}

/** Versions are normalized here: some releases of packaging parse `~=1.4.rev1` as a release segment. */
function drawValidSet(random: Random): string {
  const one = (): string => {
    const operator = random.pick(OPERATORS.slice(0, -1));
    const { local, ...version } = parseVersion(drawVersion(random));
    const withLocal = local !== undefined && /^[=!]=/.test(operator) ? { ...version, local } : version;
    if (operator === '~=') return `~=${formatVersion({ ...version, release: [...version.release, random.below(3)] })}`;
    if (/^[=!]=$/.test(operator) && random.below(2) === 0) {
      return `${operator}${formatVersion({ epoch: version.epoch, release: version.release })}.*`;
    }
    return `${operator}${formatVersion(withLocal)}`;
  };
  return random.below(3) === 0 ? `${one()},${one()}` : one();
}

/** Sets as in packaging: without duplicates, unordered. */
function describeSet(text: string): string[][] | null {
  try {
    const pairs = parseSpecifierSet(text).map((specifier) => [specifier.operator, formatSpecifierSet([specifier])]);
    const unique = new Map(
      pairs.map(([operator = '', whole = '']) => [whole, [operator, whole.slice(operator.length)]]),
    );
    return [...unique.values()];
  } catch (error) {
    if (error instanceof DistError) return null;
    throw error;
  }
}

function sortPairs(pairs: readonly string[][] | null | undefined): string[] | null {
  return pairs?.map((pair) => pair.join(' ')).sort() ?? null;
}

describe('parseSpecifierSet', () => {
  test('accepts and rejects the same sets as packaging', async (context) => {
    const python = await packagingPython(context);
    const cases = [
      '',
      ',',
      ' , >=1',
      '===anything at all',
      '===',
      ...drawCases(11, 4000, (random) => drawSpecifier(random)),
      ...drawCases(12, 1000, (random) => `${drawSpecifier(random)},${drawSpecifier(random)}`),
    ];
    const expected = await askPython<(string[][] | null)[]>(python, PARSE, cases);
    expect(cases.map((text) => [text, sortPairs(describeSet(text))])).toEqual(
      cases.map((text, index) => [text, sortPairs(expected[index])]),
    );
  });

  test('separates the wildcard from the version', () => {
    expect(parseSpecifierSet('==1.4.*, >= 1.0')).toEqual([
      { operator: '==', version: '1.4', wildcard: true },
      { operator: '>=', version: '1.0', wildcard: false },
    ]);
  });

  test('reports all invalid parts', () => {
    expect(() => parseSpecifierSet('>=1,oops,>2.*')).toThrow(/2 problems\n {2}- "oops".*\n.*\n {2}- ">2\.\*"/);
  });
});

describe('satisfies', () => {
  test('gives the same results as packaging', async (context) => {
    const python = await packagingPython(context);
    const cases = drawCases(13, 8000, (random) => {
      const version = formatVersion(parseVersion(drawVersion(random)));
      return [drawValidSet(random), version, random.pick([true, false, null])] as const;
    });
    const expected = await askPython<boolean[]>(python, CONTAINS, cases);
    const found = cases.map(([text, version, prereleases]) =>
      satisfies(parseVersion(version), parseSpecifierSet(text), prereleases === null ? {} : { prereleases }),
    );
    expect(cases.map((one, index) => [...one, found[index]])).toEqual(
      cases.map((one, index) => [...one, expected[index]]),
    );
    expect(expected.filter(Boolean).length).toBeGreaterThan(1000);
  });
});
