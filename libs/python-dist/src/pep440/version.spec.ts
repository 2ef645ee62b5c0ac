import { describe, expect, test } from 'vitest';
import { DistError } from '../dist-error.js';
import { askPython, drawCases, packagingPython } from '@pinpack/testing';
import { drawBrokenVersion, drawVersion } from './version.fixture.js';
import { compareVersions } from './version-compare.js';
import { formatPublicVersion, formatVersion, isPreRelease, parseVersion, tryParseVersion } from './version.js';

const NORMALIZE = `
from packaging.version import Version, InvalidVersion
def describe(text):
    try: version = Version(text)
    except InvalidVersion: return None
    return [str(version), version.public, version.is_prerelease]
results = [describe(text) for text in cases]`;

const COMPARE = `
from packaging.version import Version
def sign(left, right): return (left > right) - (left < right)
results = [sign(Version(left), Version(right)) for left, right in cases]`;

describe('parseVersion', () => {
  test('normalizes and rejects the same texts as packaging', async (context) => {
    const python = await packagingPython(context);
    const cases = [...drawCases(1, 3000, drawVersion), ...drawCases(2, 3000, drawBrokenVersion), '', ' 1.0\n', '1.0 a'];
    const expected = await askPython<([string, string, boolean] | null)[]>(python, NORMALIZE, cases);
    const found = cases.map((text) => {
      const version = tryParseVersion(text);
      return version === undefined
        ? [text, null]
        : [text, [formatVersion(version), formatPublicVersion(version), isPreRelease(version)]];
    });
    expect(found).toEqual(cases.map((text, index) => [text, expected[index]]));
    expect(expected.filter((version) => version === null).length).toBeGreaterThan(500);
  });

  test('keeps local parts of any length, and rejects other numbers above 2**53', () => {
    expect(formatVersion(parseVersion('1+00123456789012345678901234567890'))).toBe('1+123456789012345678901234567890');
    expect(() => parseVersion('1.9007199254740993')).toThrow(DistError);
  });

  test('reports what it expects', () => {
    expect(() => parseVersion('1.0-final')).toThrow(/^1\.0-final: not a version that PEP 440 allows\n {2}expected/);
  });
});

describe('compareVersions', () => {
  test('has the order of packaging', async (context) => {
    const python = await packagingPython(context);
    const cases = drawCases(3, 6000, (random) => [drawVersion(random), drawVersion(random)] as const);
    const expected = await askPython<number[]>(python, COMPARE, cases);
    const found = cases.map(([left, right]) => Math.sign(compareVersions(parseVersion(left), parseVersion(right))));
    expect(cases.map((pair, index) => [...pair, found[index]])).toEqual(
      cases.map((pair, index) => [...pair, expected[index]]),
    );
  });

  test.each([
    ['1.0', '1.0.0'],
    ['1.0+ABC.007', '1.0+abc-7'],
    ['1.0c1', '1.0rc1'],
  ])('%s equals %s', (left, right) => {
    expect(compareVersions(parseVersion(left), parseVersion(right))).toBe(0);
  });
});
