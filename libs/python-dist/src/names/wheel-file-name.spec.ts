import { describe, expect, test } from 'vitest';
import { DistError } from '../dist-error.js';
import { askPython, drawCases, packagingPython, type Random } from '@pinpack/testing';
import { drawVersion } from '../pep440/version.fixture.js';
import { formatVersion, parseVersion } from '../pep440/version.js';
import { isWheelOf, parseWheelFileName, wheelPattern } from './wheel-file-name.js';

const PARSE = `
from packaging.utils import parse_wheel_filename, InvalidWheelFilename
def describe(text):
    try: name, version, build, tags = parse_wheel_filename(text)
    except InvalidWheelFilename: return None
    return [name, str(version), build != (), sorted(map(str, tags))]
results = [describe(text) for text in cases]`;

function drawFileName(random: Random): string {
  const { pick, below } = random;
  const parts = [
    pick(['numpy', 'Zope.Interface', 'x_y', 'a__b', 'sp ace', 'n0']),
    drawVersion(random).replaceAll('-', '_'),
    ...(below(3) === 0 ? [pick(['1', '12abc', 'x1'])] : []),
    pick(['py3', 'py2.py3', 'cp311', 'CP311']),
    pick(['none', 'abi3', 'cp311.abi3']),
    pick(['any', 'linux_x86_64', 'manylinux_2_27_x86_64.manylinux_2_28_x86_64']),
    ...(below(9) === 0 ? ['more', 'parts'] : []),
  ];
  return `${(below(9) === 0 ? parts.slice(2) : parts).join('-')}${pick(['.whl', '.whl', '.whl', '.zip'])}`;
}

function describeFileName(text: string) {
  try {
    const { name, version, build, tags } = parseWheelFileName(text);
    return [name, formatVersion(parseVersion(version)), build !== undefined, tags.toSorted()];
  } catch (error) {
    if (error instanceof DistError) return null;
    throw error;
  }
}

describe('parseWheelFileName', () => {
  test('accepts and rejects the same names as packaging', async (context) => {
    const python = await packagingPython(context);
    const cases = drawCases(51, 3000, drawFileName);
    const expected = await askPython<unknown[]>(python, PARSE, cases);
    expect(cases.map((text) => [text, describeFileName(text)])).toEqual(
      cases.map((text, index) => [text, expected[index]]),
    );
  });

  test('parses all parts', () => {
    const name = 'Demo_App-1.0+local.1-2b-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl';
    expect(parseWheelFileName(name)).toEqual({
      name: 'demo-app',
      version: '1.0+local.1',
      build: '2b',
      pythonTags: ['cp311'],
      abiTags: ['cp311'],
      platformTags: ['manylinux_2_27_x86_64', 'manylinux_2_28_x86_64'],
      tags: ['cp311-cp311-manylinux_2_27_x86_64', 'cp311-cp311-manylinux_2_28_x86_64'],
    });
  });

  test.each([
    ['demo-1.0.tar.gz', 'does not end in .whl'],
    ['demo-1.0-py3.whl', 'has 3 parts between dashes'],
    ['demo-one-py3-none-any.whl', 'version "one" is not a PEP 440 version'],
    ['demo-1.0-x-py3-none-any.whl', 'build tag "x" has no leading digit'],
    ['a__b-1.0-py3-none-any.whl', 'name "a__b" is invalid'],
    ['demo-1.0-py3-none-any.any..whl', 'tag "py3-none-any.any." has an invalid part'],
  ])('rejects %s', (name, problem) => {
    expect(() => parseWheelFileName(name)).toThrow(`${name}: ${problem}\n  expected {name}-{version}`);
  });
});

describe('isWheelOf', () => {
  test.each([
    ['numpy', '2.4.6', 'numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl', true],
    ['numpy', '2.4.6', 'numpy-2.4.60-cp311-cp311-manylinux_2_28_x86_64.whl', false],
    ['numpy', '2.4.6', 'numpy-2.4.5-cp311-cp311-manylinux_2_28_x86_64.whl', false],
    ['six', '1.0', 'six-1.0.0-py3-none-any.whl', true],
    ['six', '1.0+local-1', 'six-1.0+local.1-py3-none-any.whl', true],
    ['six', '1.0rc1', 'six-1.0-py3-none-any.whl', false],
    ['six', '1.0', 'sixer-1.0-py3-none-any.whl', false],
    ['six', '1.0', 'six-1.0.tar.gz', false],
    ['six', '1.0', 'six-1.0-py3-any.whl', false],
    ['six', 'latest', 'six-1.0-py3-none-any.whl', false],
    ['jaraco-text', '4.0', 'jaraco.text-4.0-py3-none-any.whl', true],
  ])('of %s %s: %s, %s', (name, version, file, expected) => {
    expect(isWheelOf(file, { name, version })).toBe(expected);
  });
});

describe('wheelPattern', () => {
  test.each([
    ['numpy', 'numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl', true],
    ['numpy', 'numpy-2.4.6-1-cp311-cp311-linux_x86_64.whl', true],
    ['numpy', 'numpy_financial-1.0.0-py3-none-any.whl', false],
    ['numpy', 'numpy-financial-1.0.0-py3-none-any.whl', false],
    ['numpy', 'numpy.financial-1.0.0-py3-none-any.whl', false],
    ['numpy', 'xnumpy-1.0.0-py3-none-any.whl', false],
    ['numpy-financial', 'numpy_financial-1.0.0-py3-none-any.whl', true],
    ['numpy-financial', 'Numpy.Financial-1.0.0-py3-none-any.whl', true],
    ['numpy-financial', 'numpy-2.4.6-py3-none-any.whl', false],
    ['jaraco-text', 'jaraco.text-4.0-py3-none-any.whl', true],
    ['pyyaml', 'PyYAML-6.0-cp311-cp311-linux_x86_64.whl', true],
    ['numpy', 'numpy-2.4.6.tar.gz', false],
  ])('of %s: %s, %s', (name, file, expected) => {
    expect(wheelPattern(name).test(file)).toBe(expected);
  });
});
