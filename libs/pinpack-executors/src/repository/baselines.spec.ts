import { describe, expect, it } from 'vitest';
import type { PublishedRepository } from './published-rpms.js';
import { planBaselines } from './baselines.js';

const NUMPY = { name: 'reqset3-wheel-numpy', architecture: 'x86_64' };

function release(id: string, ...evrs: string[]): PublishedRepository {
  const packages = evrs.map((evr) => ({
    ...{ ...NUMPY, evr, file: `packages/${evr}.rpm`, size: 1, unsigned: '' },
    sha256: `${id} ${evr}`,
  }));
  return { id, isLatest: false, record: { label: 'reqset3', packages, advisories: [] } };
}

function plan(evr: string, ...releases: PublishedRepository[]): string[] {
  return planBaselines({ ...NUMPY, evr }, releases).map(({ sha256 }) => sha256);
}

describe('deltas are made', () => {
  it.each([
    ['none of what is the same', '2.4.6-1', [release('b', '2.4.6-1')], []],
    ['none of what is newer', '2.4.6-1', [release('b', '2.4.10-1')], []],
    [
      'of the older ones, newest version first',
      '2.4.6-1',
      [release('c', '2.4.4-1'), release('b', '2.4.5-1')],
      ['b 2.4.5-1', 'c 2.4.4-1'],
    ],
    [
      'of each version once, as the newest release has it',
      '2.4.6-1',
      [release('c', '2.4.5-1'), release('b', '2.4.5-1')],
      ['c 2.4.5-1'],
    ],
    ['of another release of the same version', '2.4.6-2', [release('b', '2.4.6-1')], ['b 2.4.6-1']],
    ['by what rpm orders, with epochs', '1:1.0-1', [release('b', '2.4.6-1')], ['b 2.4.6-1']],
  ])('%s', (_title, evr, releases, expected) => {
    expect(plan(evr, ...releases)).toEqual(expected);
  });

  it('of no other package and no other architecture', () => {
    const releases = [release('b', '2.4.5-1')];
    expect(
      planBaselines({ name: 'reqset3-wheel-numpy-financial', architecture: 'x86_64', evr: '2.4.6-1' }, releases),
    ).toEqual([]);
    expect(planBaselines({ ...NUMPY, architecture: 'noarch', evr: '2.4.6-1' }, releases)).toEqual([]);
  });
});
