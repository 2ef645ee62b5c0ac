import { describe, expect, test } from 'vitest';
import { samplePin, sampleSourcePin, SHA256 } from '../pin.fixture.js';
import { applicationRpmFileName, architectureOf, pythonRpmFileName, rpmFileName, rpmPattern } from './rpm-file-name.js';

describe('architectureOf', () => {
  test.each([
    [['any'], 'manylinux_2_28_x86_64', 'noarch'],
    [['any'], 'manylinux_2_28_aarch64', 'noarch'],
    [['manylinux_2_28_x86_64'], 'manylinux_2_28_x86_64', 'x86_64'],
    [['manylinux_2_17_aarch64', 'manylinux2014_aarch64'], 'manylinux_2_28_aarch64', 'aarch64'],
    [['manylinux_2_17_aarch64'], 'manylinux2014_aarch64', 'aarch64'],
    [['manylinux_2_17_s390x'], 'manylinux_2_28_s390x', 's390x'],
    [['manylinux_2_17_ppc64le'], 'manylinux2014_ppc64le', 'ppc64le'],
    [['manylinux_2_39_riscv64'], 'manylinux_2_39_riscv64', 'riscv64'],
  ] as const)('%j for %s is %s', (tags, platform, expected) => {
    expect(architectureOf(tags, platform)).toBe(expected);
  });

  test('refuses a machine without RPMs', () => {
    expect(() => architectureOf(['manylinux_2_31_armv7l'], 'manylinux_2_31_armv7l')).toThrow(
      new RangeError('manylinux_2_31_armv7l: there are no RPMs for armv7l'),
    );
  });
});

describe('rpmFileName', () => {
  const wheel = (name: string) => ({ kind: 'wheel', wheel: { name, size: 1, sha256: SHA256 } }) as const;

  test('is known from the lock alone where the lock has the wheel', () => {
    expect(rpmFileName('reqset3', samplePin())).toBe('reqset3-wheel-numpy-2.4.6-1.x86_64.rpm');
    const pure = samplePin({ name: 'six', version: '1.17', release: 3, source: wheel('six-1.17-py3-none-any.whl') });
    expect(rpmFileName('reqset3', pure)).toBe('reqset3-wheel-six-1.17.0-3.noarch.rpm');
  });

  test('has the version in rpm\u2019s terms, without the epoch', () => {
    const odd = samplePin({ version: '2!1.0rc1+cpu', source: wheel('numpy-2!1.0rc1+cpu-py3-none-any.whl') });
    expect(rpmFileName('reqset3', odd)).toBe('reqset3-wheel-numpy-1.0.0~rc1^cpu-1.noarch.rpm');
  });

  test('leaves the architecture open where the wheel is yet to be built', () => {
    expect(rpmFileName('reqset3', sampleSourcePin())).toBe('reqset3-wheel-my-demo-1.0.0-1.*.rpm');
  });
});

describe('the file name', () => {
  test('of an application is that of a noarch RPM', () => {
    const application = { name: 'web-app', version: '1.0', release: 2 } as Parameters<typeof applicationRpmFileName>[1];
    expect(applicationRpmFileName('reqset3', application)).toBe('reqset3-web-app-1.0.0-2.noarch.rpm');
  });

  test('of a Python is that of an RPM for its machine', () => {
    const python = { platform: 'manylinux_2_28_aarch64', release: 2 };
    expect(pythonRpmFileName('reqset3', '3.13.5', python)).toBe('reqset3-python-3.13.5-2.aarch64.rpm');
  });
});

describe('rpmPattern', () => {
  test.each([
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-2.4.6-1.x86_64.rpm', true],
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-2.5.0~rc1^cpu.1-12.noarch.rpm', true],
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-2.4.6-1.s390x.rpm', true],
    ['reqset3-wheel-numpy', 'reqset3-wheel-numpy-2.4.6-1.src.rpm', false],
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
