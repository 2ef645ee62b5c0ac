/** The times of pins, which date RPMs, from an index on loopback. */
import { afterEach, expect, test } from 'vitest';
import { IndexClient } from '../index/index-client.js';
import { indexesAt } from '../index/index-configuration.js';
import { applicationsOf } from '../lock/application.js';
import { sampleLock, wheelPackage } from '../lock/lock.fixture.js';
import type { Lock } from '../lock/lock.js';
import { pinsOf } from '../lock/pin.js';
import { IndexServer } from './index-server.fixture.js';
import { withTimes } from './upload-times.js';

let server: IndexServer | undefined;
afterEach(() => server?.stop());

const UPLOADED = {
  'numpy-2.4.6': '2026-03-01T10:00:00.123456Z',
  'setuptools-80.0': '2026-01-02T03:04:05Z',
  'psycopg-3.2': '2025-12-31T23:59:60Z',
  'psycopg_pool-3.2.1': '1970-01-01T00:00:00Z',
};

/** @param uploaded - by the start of the file's name */
async function indexOf(uploaded: Readonly<Record<string, string>>): Promise<IndexClient> {
  server?.stop();
  const files = ['six-1.17', 'six-1.18', 'psycopg_pool-3.2.1', 'psycopg-3.2', 'numpy-2.4.6', 'setuptools-80.0'];
  server = await IndexServer.start(
    files.map((file) => {
      const time = uploaded[file];
      return { fileName: `${file}-py3-none-any.whl`, ...(time !== undefined && { uploaded: time }) };
    }),
  );
  return IndexClient.of(indexesAt(server.url));
}

function timesOf({ packages }: Lock): Record<string, string | undefined> {
  return Object.fromEntries(packages.map(({ name, time }) => [name, time]));
}

const FIRST = {
  // Its newest build requirement.
  'my-demo': '2026-01-02T03:04:05Z',
  numpy: '2026-03-01T10:00:00Z',
  // A leap second, which no clock of Unix has, a time before zip's first, and none.
  psycopg: undefined,
  'psycopg-pool': undefined,
  six: undefined,
};

test('files of an index have their upload time, in seconds', async () => {
  expect(timesOf(await withTimes(sampleLock(), await indexOf(UPLOADED), undefined))).toEqual(FIRST);
});

test('a pin keeps its time, also none, as long as its bytes are the same', async () => {
  const first = await withTimes(sampleLock(), await indexOf(UPLOADED), undefined);
  const later = await indexOf({
    ...UPLOADED,
    'numpy-2.4.6': '2026-09-09T09:09:09Z',
    'six-1.17': '2026-09-09T09:09:09Z',
    'six-1.18': '2026-10-10T10:10:10Z',
  });
  expect(timesOf(await withTimes(sampleLock(), later, first))).toEqual(FIRST);
  // Another version, and other bytes of the same one.
  const packages = sampleLock().packages.map((locked) =>
    locked.name === 'six' ? wheelPackage('six', '1.18') : locked.name === 'numpy' ? { ...locked, release: 4 } : locked,
  );
  const changed = await withTimes({ ...sampleLock(), packages }, later, first);
  expect(timesOf(changed)).toEqual({ ...FIRST, six: '2026-10-10T10:10:10Z', numpy: '2026-09-09T09:09:09Z' });
  expect(pinsOf(changed).find(({ name }) => name === 'psycopg')?.time).toBeUndefined();
});

test('an application has the newest time of its closure', async () => {
  const lock = await withTimes(sampleLock(), await indexOf(UPLOADED), undefined);
  expect(applicationsOf(lock).map(({ time }) => time)).toEqual(['2026-03-01T10:00:00Z']);
  expect(applicationsOf(sampleLock()).map(({ time }) => time)).toEqual([undefined]);
});
