// The whole store before a real S3 server: what several clones, a pull request and a dead server see.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWithS3, S3_SHARED_PREFIX, startS3, type S3RoleName, type S3Server } from '@pinpack/testing';
import { openStore } from './open-store.js';
import type { Store } from './store.js';
import { fileOf, newFolder, RecordingJournal } from './store.fixture.js';

const ENTRY = { kind: 'rpm', fileName: 'a.rpm', attachments: {} } as const;

describeWithS3('a store on S3', () => {
  let server: S3Server;
  let journal: RecordingJournal;

  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    journal = new RecordingJournal();
  });

  /** A clone of its own, with an empty local folder. */
  async function open(role: S3RoleName, more: Record<string, string> = {}): Promise<Store> {
    const environment = { ...server.environment(role), XDG_CACHE_HOME: await newFolder(), CI: 'true', ...more };
    const store = await openStore({ url: server.url(S3_SHARED_PREFIX), environment, journal });
    if (store === undefined) throw new Error('no store');
    return store;
  }

  async function textOf(store: Store, key: string): Promise<string | undefined> {
    const hit = await store.get('rpm', key);
    return hit && readFile(hit.path, 'utf8');
  }

  it('gives one clone what another put, and keeps the first of a key', async () => {
    const writer = await open('writer');
    await writer.put({ ...ENTRY, key: 'first' }, await fileOf('first'));
    expect(await writer.flush(30_000)).toEqual({ uploaded: 1, bytes: 5, left: 0, refused: 0 });
    const second = await open('writer');
    await second.put({ ...ENTRY, key: 'first' }, await fileOf('second'));
    expect(await second.flush(30_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 0 });
    const reader = await open('reader', { CI: '' });
    expect([await textOf(reader, 'first'), reader.canWrite]).toEqual(['first', false]);
    expect(await textOf(reader, 'none')).toBeUndefined();
    expect(journal.warnings).toEqual([]);
  });

  it('shows main nothing of what a pull request wrote', async () => {
    const pull = await open('pullRequest', { PINPACK_STORE_BRANCH: 'feature' });
    await pull.put({ ...ENTRY, key: 'poisoned' }, await fileOf('poison'));
    expect(await pull.flush(30_000)).toMatchObject({ uploaded: 1, refused: 0 });
    expect(await textOf(await open('pullRequest', { PINPACK_STORE_BRANCH: 'feature' }), 'poisoned')).toBe('poison');
    expect(await textOf(await open('reader'), 'poisoned')).toBeUndefined();
    expect(await textOf(await open('pullRequest', { PINPACK_STORE_BRANCH: 'other' }), 'poisoned')).toBeUndefined();
    expect(journal.warnings).toEqual([]);
  });

  it('refuses a pull request that says it is main, and it reads on', async () => {
    const writer = await open('writer');
    await writer.put({ ...ENTRY, key: 'good' }, await fileOf('good'));
    await writer.flush(30_000);
    const pull = await open('pullRequest');
    await pull.put({ ...ENTRY, key: 'main' }, await fileOf('poison'));
    expect(await pull.flush(30_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 1 });
    expect(await textOf(pull, 'good')).toBe('good');
    expect(await textOf(await open('reader'), 'main')).toBeUndefined();
    expect(journal.warnings).toHaveLength(1);
  });

  it('that answers no more costs one wait for all, and what waits stays', async () => {
    const store = await open('writer');
    await server.freeze();
    try {
      await store.put({ ...ENTRY, key: 'waits' }, await fileOf('waits'));
      const keys = Array.from({ length: 20 }, (_, index) => `frozen${index}`);
      for (const key of keys) expect(await store.get('rpm', key)).toBeUndefined();
      expect(await store.flush(60_000)).toMatchObject({ uploaded: 0, left: 1 });
      // One waited for its deadline; the others didn't ask.
      const faults = journal.events.filter(({ event, key }) => event === 'fault' && key.startsWith('frozen'));
      expect(faults).toMatchObject([{ key: 'frozen0', from: 'STORE_UNREACHABLE' }]);
    } finally {
      server.thaw();
    }
    await store.close();
  });
});
