import { describe, expect, test } from 'vitest';
import { samplePin, sampleSourcePin } from '../pin.fixture.js';
import { thrown } from '@pinpack/testing';
import { checkGlibcLevel } from './glibc-level.js';

const WHEEL = 'my_demo-1.0-cp311-cp311-linux_x86_64.whl';
const OLD = [
  'libc.so.6()(64bit)',
  'libc.so.6(GLIBC_2.2.5)(64bit)',
  'libm.so.6(GLIBC_2.28)(64bit)',
  'libgcc_s.so.1(GCC_3.0)(64bit)',
];

describe('what was compiled for a set', () => {
  test('runs where its platform has all of its symbols', () => {
    expect(() => {
      checkGlibcLevel(sampleSourcePin(), WHEEL, OLD);
    }).not.toThrow();
  });

  test('is refused before its RPM is made where the platform lacks some', () => {
    const elfRequires = [...OLD, 'libc.so.6(GLIBC_2.34)(64bit)', 'libm.so.6(GLIBC_2.29)(64bit)'];
    const error = thrown(() => {
      checkGlibcLevel(sampleSourcePin(), WHEEL, elfRequires);
    });
    expect(error).toMatch(`PINPACK_GLIBC_TOO_NEW ${WHEEL}`);
    expect(error).toContain(
      'requires libc.so.6(GLIBC_2.34)(64bit), libm.so.6(GLIBC_2.29)(64bit), and the platform manylinux_2_28_x86_64 has glibc 2.28',
    );
    expect(error).toContain('"platform": "manylinux_2_34_x86_64"');
  });

  test('a wheel of the index is not read: its tag has its level', () => {
    expect(() => {
      checkGlibcLevel(samplePin(), WHEEL, ['libc.so.6(GLIBC_2.38)(64bit)']);
    }).not.toThrow();
  });
});
