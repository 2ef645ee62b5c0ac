import { describe, expect, test } from 'vitest';
import { uvPlatform } from '../uv/target-python.js';
import { parsePlatform, tryParsePlatform } from './platform.js';

describe('a platform tag', () => {
  test.each([
    ['manylinux_2_28_x86_64', { glibc: 28, machine: 'x86_64' }],
    ['manylinux_2_34_aarch64', { glibc: 34, machine: 'aarch64' }],
    ['manylinux2014_aarch64', { glibc: 17, machine: 'aarch64' }],
    ['manylinux2010_x86_64', { glibc: 12, machine: 'x86_64' }],
    ['manylinux1_x86_64', { glibc: 5, machine: 'x86_64' }],
  ])('%s', (tag, expected) => {
    expect(parsePlatform(tag)).toEqual(expected);
  });

  test.each([
    ...['any', 'musllinux_1_2_x86_64', 'linux_x86_64', 'win_amd64', 'manylinux_3_1_x86_64', 'manylinux_2_28_'],
    ...[
      'xmanylinux_2_28_x86_64',
      'xmanylinux1_x86_64',
      'manylinux2014x86_64',
      'manylinux_2_x_x86_64',
      'manylinux2014_',
      'manylinux_2_28_x86_64\n',
    ],
  ])('%s is not a glibc platform', (tag) => {
    expect(tryParsePlatform(tag)).toBeUndefined();
    expect(() => parsePlatform(tag)).toThrow(new RangeError(`${tag} is not a platform tag of Linux with glibc`));
  });
});

describe('the platform that uv resolves for', () => {
  test.each([
    ['manylinux_2_28_x86_64', 'x86_64-manylinux_2_28'],
    ['manylinux2014_aarch64', 'aarch64-manylinux_2_17'],
    ['manylinux1_x86_64', 'x86_64-manylinux_2_17'],
    ['manylinux_2_26_x86_64', 'x86_64-manylinux_2_28'],
    ['manylinux_2_41_aarch64', 'aarch64-manylinux_2_40'],
  ])('for %s is %s', (platform, expected) => {
    expect(uvPlatform(platform)).toBe(expected);
  });
});
