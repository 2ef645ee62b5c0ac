// A gc that runs while others use the folder. Readers get whole content or a miss, and no record stays without its content.
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import { contentPath, entryPath } from '../names/object-keys.js';
import { openStore } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import { fileOf, newFolder, RecordingJournal, sha256Of } from '../store/store.fixture.js';
import { collectGarbage } from './collect-garbage.js';
import { listEntries } from './list-store.js';
import { verifyStore } from './verify-store.js';

const ENTRY = { kind: 'rpm', fileName: 'a.rpm', attachments: {} } as const;
const ROUNDS = 40;

let folder: string;
let journal: RecordingJournal;

beforeEach(async () => {
  folder = await newFolder();
  journal = new RecordingJournal();
});

async function open(): Promise<Store> {
  const store = await openStore({ url: pathToFileURL(folder).href, mode: 'read-write', environment: {}, journal });
  if (store === undefined) throw new Error('no store');
  return store;
}

/** Removes all that is not in use at this moment. */
const removeAll = () => collectGarbage(folder, { maxBytes: 0, inUseMs: 0, now: new Date() });

async function makeOld(...paths: string[]): Promise<void> {
  for (const path of paths) await utimes(join(folder, path), new Date(0), new Date(0));
}

describe('a reader', () => {
  it('keeps the content of its hit until it releases it', async () => {
    const store = await open();
    await store.put({ ...ENTRY, key: 'a' }, await fileOf('content'));
    const hit = await store.get('rpm', 'a');
    expect((await removeAll()).removed).toMatchObject({ entries: 1, contents: 1 });
    expect(await readFile(hit?.path ?? '', 'utf8')).toBe('content');
    await hit?.release();
    await expect(readFile(hit?.path ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await store.get('rpm', 'a')).toBeUndefined();
  });

  it('keeps content that it asked for by digest until it closes the store', async () => {
    const store = await open();
    const produce = (path: string): Promise<void> => writeFile(path, 'content');
    const paths = [
      (await store.getOrProduce(sha256Of('content'), produce)).path,
      (await store.getOrProduce(sha256Of('content'), produce)).path,
    ];
    await removeAll();
    for (const path of paths) expect(await readFile(path, 'utf8')).toBe('content');
    await store.close();
    for (const path of paths) await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reads an open object to its end', async () => {
    const store = await open();
    await store.put({ ...ENTRY, key: 'a' }, await fileOf('content'));
    const backend = new FolderBackend(folder);
    const handle = await backend.open(contentPath('main', sha256Of('content')));
    await removeAll();
    expect(await handle?.readFile('utf8')).toBe('content');
    await handle?.close();
    expect(await backend.open(contentPath('main', sha256Of('content')))).toBeUndefined();
  });
});

describe('an entry that is used', () => {
  it('between the listing and the removal stays', async () => {
    const store = await open();
    await store.put({ ...ENTRY, key: 'a' }, await fileOf('content'));
    const content = contentPath('main', sha256Of('content'));
    await makeOld(content, entryPath('main', 'rpm', 'a'));
    const backend = new FolderBackend(folder);
    const listed = (await backend.stat(content))?.modified.getTime() ?? 0;
    await store.get('rpm', 'a');
    expect(await backend.removeUnusedSince(content, listed)).toBe(false);
    expect(await readFile(join(folder, content), 'utf8')).toBe('content');
  });

  it('by a put of the same content stays', async () => {
    const store = await open();
    await store.put({ ...ENTRY, key: 'a' }, await fileOf('content'));
    await makeOld(contentPath('main', sha256Of('content')), entryPath('main', 'rpm', 'a'));
    await store.put({ ...ENTRY, key: 'b' }, await fileOf('content'));
    await collectGarbage(folder, { maxAgeMs: 60_000, inUseMs: 0, now: new Date() });
    expect(await store.get('rpm', 'b')).toBeDefined();
  });
});

describe('a gc that runs all the time', () => {
  it('gives readers hits or misses, writers success, and leaves no record without content', async () => {
    const [first, second] = [await open(), await open()];
    const state = { isDone: false };
    const collecting = (async () => {
      while (!state.isDone) await removeAll();
    })();
    const seen = { hits: 0, misses: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const content = `content ${round % 3}`;
      expect(await first.put({ ...ENTRY, key: `key${round}` }, await fileOf(content))).toBe('stored');
      await Promise.all(
        [first, second].map(async (store) => {
          const hit = await store.get('rpm', `key${round}`);
          seen[hit === undefined ? 'misses' : 'hits']++;
          if (hit !== undefined) expect(await readFile(hit.path, 'utf8')).toBe(content);
          await hit?.release();
          const produced = await store.getOrProduce(sha256Of(content), (path) => writeFile(path, content));
          expect(await readFile(produced.path, 'utf8')).toBe(content);
        }),
      );
    }
    state.isDone = true;
    await collecting;
    expect(seen.hits + seen.misses).toBe(2 * ROUNDS);
    expect((await verifyStore(new FolderBackend(folder))).findings).toEqual([]);
    expect(journal.warnings).toEqual([]);
    await Promise.all([first.close(), second.close()]);
  });

  it('does not disturb ls and verify', async () => {
    const store = await open();
    const backend = new FolderBackend(folder);
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 20; index++) {
        await store.put({ ...ENTRY, key: `key${index}` }, await fileOf(`content ${index}`));
      }
      const listing = (async () => {
        for await (const { problem } of listEntries(backend)) expect(problem).toBeUndefined();
      })();
      const [report] = await Promise.all([verifyStore(backend), listing, removeAll()]);
      expect(report.findings).toEqual([]);
    }
  });
});
