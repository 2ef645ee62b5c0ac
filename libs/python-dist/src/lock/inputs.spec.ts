import { describe, expect, test } from 'vitest';
import { inputsDigest, type LockInputs, type SourceTree } from './inputs.js';

const SOURCE: SourceTree = {
  path: 'apps/demo',
  name: 'demo',
  version: '1.0',
  dependencies: ['numpy>=2', 'six'],
  buildRequires: ['setuptools', 'numpy'],
};

const APPLICATION = { name: 'demo', library: 'demo' };

function inputs(lines: string[], sources = [SOURCE]): LockInputs {
  return {
    requirements: lines.map((text, line) => ({ text, place: `requirements.txt:${line + 1}` })),
    sources,
    target: { python: '3.11.2', platform: 'manylinux_2_28_x86_64' },
  };
}

const SAME = inputsDigest(inputs(['numpy==2.4.6', 'six==1.17']));

describe('inputsDigest', () => {
  test('does not depend on order, blanks and line numbers', () => {
    expect(inputsDigest(inputs(['six == 1.17', 'numpy ==2.4.6']))).toBe(SAME);
    const turned = { ...SOURCE, dependencies: ['six', 'numpy>=2'], buildRequires: ['numpy', 'setuptools'] };
    expect(inputsDigest(inputs(['numpy==2.4.6', 'six==1.17'], [turned]))).toBe(SAME);
    const two = [SOURCE, { ...SOURCE, path: 'apps/other' }];
    expect(inputsDigest(inputs([], two))).toBe(inputsDigest(inputs([], [...two].reverse())));
  });

  test.each([
    ['a version', inputs(['numpy==2.4.7', 'six==1.17'])],
    ['another requirement', inputs(['numpy==2.4.6', 'six==1.17', 'attrs'])],
    ['a requirement twice', inputs(['numpy==2.4.6', 'six==1.17', 'six==1.17'])],
    ['no source', inputs(['numpy==2.4.6', 'six==1.17'], [])],
    ['a dependency of a source', inputs(['numpy==2.4.6', 'six==1.17'], [{ ...SOURCE, dependencies: ['six'] }])],
    ['the build requirements of a source', inputs(['numpy==2.4.6', 'six==1.17'], [{ ...SOURCE, buildRequires: [] }])],
    ['the version of a source', inputs(['numpy==2.4.6', 'six==1.17'], [{ ...SOURCE, version: '1.1' }])],
    ['the Python', { ...inputs(['numpy==2.4.6', 'six==1.17']), target: { python: '3.11.3', platform: 'x' } }],
    ['an application', { ...inputs(['numpy==2.4.6', 'six==1.17']), applications: [APPLICATION] }],
    ['bytecode', { ...inputs(['numpy==2.4.6', 'six==1.17']), bytecode: true }],
    ['the compression', { ...inputs(['numpy==2.4.6', 'six==1.17']), compression: 'xz:2' }],
    ['the layout', { ...inputs(['numpy==2.4.6', 'six==1.17']), layout: 'stored' as const }],
  ])('changes with %s', (_, changed) => {
    expect(inputsDigest(changed)).not.toBe(SAME);
  });

  test('does not depend on the order of applications', () => {
    const other = { ...APPLICATION, name: 'other' };
    const turned = { ...APPLICATION, tools: ['installer', 'virtualenv'] };
    expect(inputsDigest({ ...inputs([]), applications: [other, turned] })).toBe(
      inputsDigest({ ...inputs([]), applications: [APPLICATION, other] }),
    );
  });

  test('does not modify its input', () => {
    const given = inputs(['six', 'numpy']);
    inputsDigest(given);
    expect(given).toEqual(inputs(['six', 'numpy']));
  });
});
