import type { Lock, LockedPackage } from '@pinpack/python-dist';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { describe, expect, test } from 'vitest';
import { compareLocks, formatChanges } from './compare-locks.js';

/** `numpy 2.4.9-1 1000`: name, version, Release and the size of the wheel. */
function pin(text: string, sha256 = 'a'.repeat(64), index?: string): LockedPackage {
  const [name = '', locked = '', size] = text.split(' ');
  const [version = '', release] = locked.split('-');
  const file = { name: `${name}-${version}-py3-none-any.whl`, size: Number(size), sha256 };
  const wheel = { ...file, ...(index !== undefined && { index }) };
  return samplePackage({ name, version, release: Number(release), source: { kind: 'wheel', wheel } });
}

function rows(before: LockedPackage[] | undefined, after: LockedPackage[]): string[] {
  const found = compareLocks(before && sampleLock(before), sampleLock(after));
  return formatChanges('demo', found)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:pin|---)/.test(line));
}

const BUILT = sampleSourcePin();
const BUILT_NAME = BUILT.name;

describe('rows', () => {
  test.each<[string, LockedPackage[] | undefined, LockedPackage[], string[]]>([
    ['a new set', undefined, [pin('six 1.17.0-1 1000')], ['| six |  | 1.17.0 | 1.0 kB |  |']],
    ['an unchanged pin', [pin('six 1.17.0-1 1000')], [pin('six 1.17.0-1 1000')], []],
    [
      'pins that come, change and leave, by name',
      [pin('six 1.17.0-1 1000'), pin('numpy 2.4.9-1 5000')],
      [pin('attrs 26.1-1 10'), pin('numpy 2.4.10-1 4000')],
      [
        '| attrs |  | 26.1 | 10 B |  |',
        '| numpy | 2.4.9 | 2.4.10 | 4.0 kB (−1.0 kB) |  |',
        '| six | 1.17.0 |  | −1.0 kB |  |',
      ],
    ],
    [
      'a downgrade',
      [pin('six 1.17.0-1 1000')],
      [pin('six 1.16.0-1 1000')],
      ['| six | 1.17.0 | 1.16.0 | 1.0 kB | **older**: hosts need `dnf distro-sync` |'],
    ],
    [
      'another file of the same version',
      [pin('six 1.17.0-1 1000')],
      [pin('six 1.17.0-2 1000', 'b'.repeat(64))],
      ['| six | 1.17.0-1 | 1.17.0-2 | 1.0 kB | the same version from **another file** |'],
    ],
    [
      'another index',
      [pin('six 1.17.0-1 1000')],
      [pin('six 1.17.0-1 1000', undefined, 'internal')],
      ['| six | 1.17.0-1 | 1.17.0-1 | 1.0 kB | from the index internal instead of default |'],
    ],
  ])('of %s', (_, before, after, expected) => {
    expect(rows(before, after)).toEqual(expected);
  });

  test('of pins that are built from source now, no longer, or with other tools', () => {
    const wheel = pin(`${BUILT_NAME} ${BUILT.version}-1 1000`);
    expect(rows([wheel], [BUILT])).toEqual([expect.stringContaining('| now built from source')]);
    expect(rows([BUILT], [wheel])).toEqual([expect.stringContaining('| 1.0 kB | no longer built from source')]);
    if (!('buildRequires' in BUILT.source)) throw new TypeError('the fixture is not built');
    const [tool] = BUILT.source.buildRequires;
    if (tool === undefined) throw new TypeError('the fixture has no build requirement');
    const other = { ...BUILT, release: 2, source: { ...BUILT.source, buildRequires: [{ ...tool, version: '99' }] } };
    expect(rows([BUILT], [other])).toEqual([expect.stringContaining(`built with ${tool.name} 99`)]);
  });
});

test('the heading counts, and lists settings, applications and the size of all wheels', () => {
  const before: Lock = sampleLock([pin('six 1.17.0-1 1000')]);
  const after = { ...sampleLock([pin('six 1.17.0-1 1000'), pin('attrs 26.1-1 10')]), python: '3.12.1' };
  expect(formatChanges('demo', compareLocks(before, after)).split('\n').slice(0, 4)).toEqual([
    '### demo: 2 pins, 1 added',
    '',
    `- Python ${before.python} → 3.12.1`,
    '- wheels 1.0 kB (+10 B)',
  ]);
  expect(formatChanges('demo', compareLocks(before, before))).toBe('');
});
