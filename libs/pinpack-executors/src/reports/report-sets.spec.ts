import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { formatReport, reportSets } from './report-sets.js';

function wheel(name: string, size: number, digit: string) {
  const file = { name: `${name}-1.0-py3-none-any.whl`, size, sha256: digit.repeat(64) };
  return samplePackage({ name, version: '1.0', source: { kind: 'wheel', wheel: file } });
}

const LOCKS = new Map([
  ['reqset1', sampleLock([wheel('numpy', 1000, 'a'), wheel('six', 10, 'b'), sampleSourcePin()])],
  ['reqset3', sampleLock([wheel('numpy', 2000, 'c'), wheel('pip', 3000, 'd'), wheel('six', 10, 'b')])],
]);

describe('report', () => {
  test('counts each wheel once, by its digest, and says whose alone it is', () => {
    expect(reportSets(LOCKS)).toMatchObject({
      sets: [
        { label: 'reqset1', pins: 3, built: 1, all: { wheels: 2, bytes: 1010 }, own: { wheels: 1, bytes: 1000 } },
        { label: 'reqset3', pins: 3, built: 0, own: { wheels: 2, bytes: 5000 }, shared: { wheels: 1, bytes: 10 } },
      ],
      distinct: { wheels: 4, bytes: 6010 },
      added: { wheels: 5, bytes: 6020 },
    });
  });

  test('lists the wheels of one reqset that no other has, the largest first', () => {
    expect(formatReport(reportSets(LOCKS), 'reqset3')).toBe(
      [
        'reqset   pins  from source      wheels      unique    shared',
        'reqset1     3            1  2 (1.0 kB)  1 (1.0 kB)  1 (10 B)',
        'reqset3     3            0  3 (5.0 kB)  2 (5.0 kB)  1 (10 B)',
        'total 4 (6.0 kB), without sharing 5 (6.0 kB)',
        '',
        'reqset3 adds',
        '  pip 1.0    3.0 kB',
        '  numpy 1.0  2.0 kB',
      ].join('\n'),
    );
  });

  test('has a line for a reqset without wheels of its own', () => {
    const locks = new Map([...LOCKS, ['reqset4', sampleLock([wheel('six', 10, 'b')])] as const]);
    expect(formatReport(reportSets(locks), 'reqset4')).toMatch(
      /\n\nreqset4 adds no wheels: other reqsets have all of them$/,
    );
  });
});
