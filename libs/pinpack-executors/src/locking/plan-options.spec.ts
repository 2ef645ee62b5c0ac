import { describe, expect, test } from 'vitest';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { thrown } from '@pinpack/testing';
import { planOptions } from './plan-options.js';

const LOCKED = { packages: [samplePackage(), samplePackage({ name: 'typing-extensions', version: '4.15' })] };

describe('planOptions', () => {
  test.each([
    [{}, { upgrade: [] }],
    [{ upgrade: true }, { upgrade: 'all' }],
    [{ upgrade: 'NumPy, typing_extensions' }, { upgrade: ['numpy', 'typing-extensions'] }],
    [{ upgradePackage: 'NumPy' }, { upgrade: ['numpy'] }],
    [{ upgrade: 'numpy', upgradePackage: ['typing_extensions'] }, { upgrade: ['numpy', 'typing-extensions'] }],
    [{ excludeNewer: '2026-03-31' }, { upgrade: [], excludeNewer: '2026-03-31' }],
    [{ excludeNewer: '2026-03-31T10:00:00Z' }, { upgrade: [], excludeNewer: '2026-03-31T10:00:00Z' }],
  ])('%j', (asked, expected) => {
    expect(planOptions('reqset3', asked, LOCKED)).toEqual(expected);
  });

  test('reports all that is wrong at once', () => {
    expect(thrown(() => planOptions('reqset3', { upgrade: 'numpi', excludeNewer: '3 days' }, LOCKED))).toBe(
      [
        'PINPACK_OPTIONS_INVALID reqset3:lock: --upgrade: numpi is not one of the 2 pins of reqset3',
        '--exclude-newer: "3 days" is not a date, expected one such as 2026-03-31 or 2026-03-31T12:00:00Z',
      ].join('\n  '),
    );
  });

  test.each(['', ' , '])('refuses an upgrade of %j', (upgrade) => {
    expect(thrown(() => planOptions('reqset3', { upgrade }, LOCKED))).toContain('--upgrade: found an empty list');
  });

  test('refuses days that are none', () => {
    expect(thrown(() => planOptions('reqset3', { excludeNewer: '2026-13-45' }, LOCKED))).toContain('is not a date');
  });
});
