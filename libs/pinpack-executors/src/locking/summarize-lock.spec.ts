import type { Lock } from '@pinpack/python-dist';
import { sampleLock, samplePackage } from '@pinpack/rpm-packaging/testing';
import { expect, test } from 'vitest';
import { summarizeLock } from './summarize-lock.js';

function lockOf(versions: Record<string, string>): Lock {
  return sampleLock(
    Object.entries(versions).map(([name, text]) => {
      const [version = '', release] = text.split('-');
      return samplePackage({ name, version, release: Number(release) });
    }),
  );
}

const BEFORE = lockOf({ numpy: '2.4.9-1', six: '1.17.0-2' });

test.each([
  ['no earlier lock', undefined, ['demo: 2 pins locked, 2 changed', '  + numpy 2.4.9-1', '  + six 1.17.0-2']],
  ['the same lock', BEFORE, ['demo: 2 pins locked, nothing changed']],
])('%s', (_, previous, lines) => {
  expect(summarizeLock('demo', BEFORE, previous).split('\n')).toEqual(lines);
});

test('versions that rise and pins that leave', () => {
  // Compared as versions: as texts, 2.4.10 is less than 2.4.9.
  expect(summarizeLock('demo', lockOf({ numpy: '2.4.10-1' }), BEFORE).split('\n')).toEqual([
    'demo: 1 pins locked, 2 changed',
    '  ~ numpy 2.4.9-1 → 2.4.10-1',
    '  - six 1.17.0-2',
  ]);
});

test('a version that ends in t as a whole', () => {
  const post = lockOf({ numpy: '2.4.9.post-1', six: '1.17.0-2' });
  expect(summarizeLock('demo', post, BEFORE).split('\n')[1]).toBe('  ~ numpy 2.4.9-1 → 2.4.9.post-1');
});

test('versions and releases that move backwards', () => {
  expect(summarizeLock('demo', lockOf({ numpy: '2.4.9rc1-1', six: '1.17.0-1' }), BEFORE).split('\n')).toEqual([
    'demo: 2 pins locked, 2 changed',
    '  ~ numpy 2.4.9-1 → 2.4.9rc1-1',
    '  ~ six 1.17.0-2 → 1.17.0-1',
    "note: numpy, six move backwards, so hosts need: dnf distro-sync 'demo-*'",
  ]);
});
