import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './programs.fixture.js';
import { pruneOthers, rpmPattern, wheelPattern } from './prune.js';

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

describe('rpmPattern', () => {
  test.each([
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-2.4.6-1.x86_64.rpm', true],
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-2.5.0~rc1^cpu.1-12.noarch.rpm', true],
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-financial-1.0.0-1.noarch.rpm', false],
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-financial-1.0.0-1.x86_64.rpm', false],
    ['reqset3-wheel-numpy', 'x-reqset3-wheel-numpy-2.4.6-1.x86_64.rpm', false],
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-2.4.6-1.src.rpm', false],
    ['reqset3.1-wheel-six', 'reqset3.1-wheel-six-1-1.noarch.rpm', true],
    ['reqset3.1-wheel-six', 'reqset3x1-wheel-six-1-1.noarch.rpm', false],
    ['reqset3+x-wheel-six', 'reqset3+x-wheel-six-1-1.noarch.rpm', true],
  ])('of %s: %s, %s', (name, file, expected) => {
    expect(rpmPattern(name).test(file)).toBe(expected);
  });
});

describe('pruneOthers', () => {
  test('removes other versions of the same name, and nothing else', async () => {
    const folder = temporaryFolder();
    const keep = 'set-wheel-numpy-2.4.6-1.x86_64.rpm';
    const others = ['set-wheel-numpy-2.4.5-1.x86_64.rpm', 'set-wheel-numpy-2.4.6-2.noarch.rpm'];
    const unrelated = ['set-wheel-numpy-financial-1.0.0-1.noarch.rpm', 'notes.txt'];
    for (const name of [keep, ...others, ...unrelated]) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'repodata'));
    await pruneOthers(folder, keep, rpmPattern('set-wheel-numpy'));
    expect(readdirSync(folder).sort()).toEqual([keep, ...unrelated, 'repodata'].sort());
  });
});
