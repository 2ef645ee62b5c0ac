import { describe, expect, it } from 'vitest';
import { planAdvisories, type PinChange, type ReleasedPackage } from './advisories.js';
import type { Advisory, PublishedPackage, RepositoryRecord } from './record.js';

const DATE = '2026-11-22T18:44:39Z';

function wheel(name: string, version: string, release = '1'): ReleasedPackage {
  return {
    ...published(`reqset3-wheel-${name}`, `${version}-${release}`),
    pin: { name, version },
    closure: [],
    links: [{ title: 'Changelog', href: `https://example.com/${name}` }],
  };
}

function application(evr: string, ...closure: string[]): ReleasedPackage {
  return { ...published('reqset3-app', evr), closure: closure.map((name) => `reqset3-wheel-${name}`), links: [] };
}

function published(name: string, evr: string): PublishedPackage {
  const file = `packages/${name}-${evr}.noarch.rpm`;
  return { name, evr, architecture: 'noarch', file, size: 1, sha256: '', unsigned: '' };
}

function release(packages: PublishedPackage[], advisories: Advisory[] = []): RepositoryRecord {
  return { label: 'reqset3', packages, advisories };
}

describe('the advisories of a release', () => {
  it('are none for the first', () => {
    expect(planAdvisories({ packages: [wheel('numpy', '2.4.5')], previous: undefined, date: DATE })).toEqual([]);
  });

  it('are none where nothing changed, but those that there were', () => {
    const old = { id: 'old' } as Advisory;
    const packages = [wheel('numpy', '2.4.5')];
    expect(planAdvisories({ packages, previous: release(packages, [old]), date: DATE })).toEqual([old]);
  });

  it('describe a pin, with the packages that its change brings along', () => {
    const previous = release([wheel('numpy', '2.4.5'), wheel('six', '1.17.0'), application('1.0-1')]);
    const packages = [wheel('numpy', '2.4.6'), wheel('six', '1.17.0'), application('1.0-2', 'numpy', 'six')];
    expect(planAdvisories({ packages, previous, date: DATE })).toEqual([
      {
        id: 'reqset3-wheel-numpy-2.4.6-1',
        type: 'bugfix',
        title: 'numpy 2.4.5 → 2.4.6',
        description: 'reqset3-wheel-numpy 2.4.5-1 → 2.4.6-1. It brings reqset3-app 1.0-2 along.',
        date: DATE,
        references: [{ title: 'Changelog', href: 'https://example.com/numpy' }],
        packages: [
          {
            name: 'reqset3-wheel-numpy',
            evr: '2.4.6-1',
            architecture: 'noarch',
            file: 'packages/reqset3-wheel-numpy-2.4.6-1.noarch.rpm',
          },
          { name: 'reqset3-app', evr: '1.0-2', architecture: 'noarch', file: 'packages/reqset3-app-1.0-2.noarch.rpm' },
        ],
      },
    ]);
  });

  it('are of security where a pin fixes vulnerabilities, with the most severe of them', () => {
    const previous = release([wheel('numpy', '2.4.5'), wheel('six', '1.16.0'), application('1.0-1')]);
    const packages = [wheel('numpy', '2.4.6'), wheel('six', '1.17.0'), application('1.0-2', 'numpy', 'six')];
    const fixed = [
      { id: 'CVE-1', title: 'One', href: 'https://example.com/1', severity: 'Low' as const },
      { id: 'GHSA-2', title: '', href: 'https://example.com/2', severity: 'Important' as const },
    ];
    const fixedBy = ({ name, from, to }: PinChange) => (`${name} ${from} ${to}` === 'numpy 2.4.5 2.4.6' ? fixed : []);
    const [numpy, six] = planAdvisories({ packages, previous, date: DATE, fixedBy });
    expect(numpy).toMatchObject({
      type: 'security',
      severity: 'Important',
      title: 'numpy 2.4.5 → 2.4.6, fixes CVE-1, GHSA-2',
      description: 'reqset3-wheel-numpy 2.4.5-1 → 2.4.6-1. It brings reqset3-app 1.0-2 along.\nCVE-1: One\nGHSA-2',
      references: [
        { title: 'CVE-1', href: 'https://example.com/1', cve: 'CVE-1' },
        { title: 'GHSA-2', href: 'https://example.com/2', cve: 'GHSA-2' },
        { title: 'Changelog', href: 'https://example.com/numpy' },
      ],
    });
    expect(numpy?.packages.map(({ name }) => name)).toEqual(['reqset3-wheel-numpy', 'reqset3-app']);
    expect(six?.type).toBe('enhancement');
    expect(six).not.toHaveProperty('severity');
  });

  it('describe an application that changed by itself', () => {
    const previous = release([wheel('numpy', '2.4.5'), application('1.0-1', 'numpy')]);
    const [advisory] = planAdvisories({
      packages: [wheel('numpy', '2.4.5'), application('1.0-2', 'numpy')],
      previous,
      date: DATE,
    });
    expect(advisory).toMatchObject({ id: 'reqset3-app-1.0-2', title: 'reqset3-app 1.0-1 → 1.0-2' });
  });

  it.each([
    [undefined, '1.0', 'newpackage', 'six 1.0'],
    ['1.0.1', '1.0.2', 'bugfix', 'six 1.0.1 → 1.0.2'],
    ['1.0.0~rc1', '1.0.0', 'bugfix', 'six 1.0.0~rc1 → 1.0.0'],
    ['1.0.9', '1.1.0', 'enhancement', 'six 1.0.9 → 1.1.0'],
    ['1.9', '2.0', 'enhancement', 'six 1.9 → 2.0'],
    ['2.0', '1.9', 'enhancement', 'six 2.0 → 1.9'],
  ])('call %s → %s %s', (before, now, type, title) => {
    const previous = release(before === undefined ? [] : [wheel('six', before)]);
    expect(planAdvisories({ packages: [wheel('six', now)], previous, date: DATE })).toMatchObject([{ type, title }]);
  });

  it('name the release if the version stays', () => {
    const previous = release([wheel('six', '1.0', '1')]);
    const [advisory] = planAdvisories({ packages: [wheel('six', '1.0', '2')], previous, date: DATE });
    expect(advisory).toMatchObject({ type: 'bugfix', title: 'six 1.0-1 → 1.0-2' });
  });

  it('replace an earlier one of the same version, which somebody went back from', () => {
    const earlier = { id: 'reqset3-wheel-six-2.0-1', title: 'earlier' } as Advisory;
    const previous = release([wheel('six', '1.0')], [earlier]);
    const advisories = planAdvisories({ packages: [wheel('six', '2.0')], previous, date: DATE });
    expect(advisories.map(({ title }) => title)).toEqual(['six 1.0 → 2.0']);
  });
});
