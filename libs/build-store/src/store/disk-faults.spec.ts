// Each file-system call of an operation fails once, in turn. Nothing is lost or half-believed: afterwards the store finds whole entries or none, and
// the operation succeeds when it is repeated.
import type * as promises from 'node:fs/promises';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import { collectGarbage } from '../maintenance/collect-garbage.js';
import { QuotaFolder } from '../maintenance/quota-folder.js';
import { verifyStore } from '../maintenance/verify-store.js';
import { contentOf } from '../backends/backend.fixture.js';
import { NxClient } from '../server/nx-client.fixture.js';
import { startServer } from '../server/server.fixture.js';
import { contentPath, entryPath } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';
import { FAULT_CODES, faults } from './failing-fs.fixture.js';
import { openStore } from './open-store.js';
import type { Environment } from './plan-store.js';
import { fileOf, newFolder, newStage, openStage, RecordingJournal, sha256Of, STATE } from './store.fixture.js';
import type { Store } from './store.js';

vi.mock('node:fs/promises', async (load) => (await import('./failing-fs.fixture.js')).failingPromises(await load()));
vi.mock('node:fs', async (load) => (await import('./failing-fs.fixture.js')).failingCallbacks(await load()));

/** The producer is not part of the store. */
const { writeFile: write } = await vi.importActual<typeof promises>('node:fs/promises');
const produce = (target: string): Promise<void> => write(target, CONTENT);

const ENTRY = { kind: 'rpm', key: 'a', fileName: 'a.rpm', attachments: {} } as const;
const CONTENT = 'content'.repeat(1000);

interface Operation<Place> {
  /** Makes new folders. */
  prepare: () => Promise<Place & { folders: string[] }>;
  run: (place: Place) => Promise<unknown>;
  /** After the fault: what must hold. */
  check: (place: Place) => Promise<void>;
}

const isNightly = process.env.PINPACK_NIGHTLY === '1';
vi.setConfig({ testTimeout: isNightly ? 600_000 : 120_000 });

/** Runs an operation once for each of its calls, with the error codes in turn; at night, with each of them. */
async function failEachCall<Place>(
  { prepare, run, check }: Operation<Place>,
  codes: readonly string[] = FAULT_CODES,
): Promise<number> {
  const first = await prepare();
  faults.start(first.folders);
  await run(first);
  const { calls } = faults;
  faults.stop();
  await check(first);
  for (const index of calls.keys()) {
    const chosen = isNightly ? codes : [codes[index % codes.length] ?? 'EIO'];
    for (const code of chosen) {
      const place = await prepare();
      faults.start(place.folders, { index, code });
      try {
        await run(place);
      } catch (error) {
        expect(error, `${code} at ${faults.failed}`).toBeInstanceOf(StoreError);
      } finally {
        faults.stop();
      }
      await check(place).catch((error: unknown) => {
        throw new Error(`after ${code} at ${faults.failed}: ${String(error)}`, { cause: error });
      });
    }
  }
  return calls.length;
}

interface Place {
  folder: string;
  environment: Environment;
  store: Store;
}

/** The user's own folder, without a remote store. */
async function newPlace(): Promise<Place & { folders: string[] }> {
  const cache = await newFolder();
  const environment = { XDG_CACHE_HOME: cache, XDG_STATE_HOME: STATE };
  const folder = join(cache, 'pinpack/store');
  return { folder, environment, folders: [cache], store: await open(environment) };
}

/** Its store is a folder that others use too. */
async function newSharedPlace(): Promise<Place & { folders: string[] }> {
  const { environment, folders } = await newPlace();
  const folder = await newFolder();
  const shared = { ...environment, PINPACK_STORE: pathToFileURL(folder).href, PINPACK_STORE_MODE: 'read-write' };
  return { folder, environment: shared, folders: [...folders, folder], store: await open(shared) };
}

async function open(environment: Environment): Promise<Store> {
  const store = await openStore({ environment, journal: new RecordingJournal() });
  if (store === undefined) throw new Error('no store');
  return store;
}

async function find(store: Store, key: string = ENTRY.key): Promise<string | undefined> {
  const hit = await store.get('rpm', key);
  const text = hit && (await readFile(hit.path, 'utf8'));
  await hit?.release();
  return text;
}

/** Records without content, and damaged content. */
async function expectWhole(folder: string): Promise<void> {
  expect((await verifyStore(new FolderBackend(folder))).findings).toEqual([]);
}

describe('a put', () => {
  it.each([
    ["the user's folder", newPlace, 12],
    ['a folder that is the store', newSharedPlace, 20],
  ] as const)('stores the whole entry or nothing, and can be repeated: %s', async (_name, prepare, least) => {
    const file = await fileOf(CONTENT);
    const calls = await failEachCall({
      prepare,
      run: async ({ store }) => store.put(ENTRY, file),
      check: async ({ folder, store }) => {
        await expectWhole(folder);
        expect([undefined, CONTENT]).toContain(await find(store));
        expect(await store.put(ENTRY, file)).toBe('stored');
        expect(await find(store)).toBe(CONTENT);
        await store.close();
      },
    });
    expect(calls).toBeGreaterThan(least);
  });

  it('writes content, its folder, the record and its folder through to the disk, in this order', async () => {
    const { store, folders } = await newSharedPlace();
    const file = await fileOf(CONTENT);
    faults.start(folders);
    await store.put(ENTRY, file);
    const { calls } = faults;
    faults.stop();
    const content = contentPath('main', sha256Of(CONTENT));
    const record = entryPath('main', 'rpm', ENTRY.key);
    const at = (name: string, path: string, from = 0): number =>
      calls.findIndex((call, index) => index >= from && call.startsWith(`${name} `) && call.endsWith(path));
    const linked = at('link', content);
    const recorded = at('link', record);
    expect([linked, recorded, at('sync', record.slice(0, record.lastIndexOf('/')), recorded)]).not.toContain(-1);
    expect(calls.slice(0, linked).some((call) => /^sync .*spool.*\.tmp$/.test(call))).toBe(true);
    const folderSynced = at('sync', content.slice(0, content.lastIndexOf('/')), linked);
    expect(folderSynced).toBeGreaterThan(linked);
    expect(folderSynced).toBeLessThan(recorded);
    expect(calls.slice(folderSynced, recorded).some((call) => /^sync .*spool.*\.tmp$/.test(call))).toBe(true);
  });
});

describe('a get', () => {
  it('is a hit or a miss, and loses nothing', async () => {
    const file = await fileOf(CONTENT);
    await failEachCall({
      prepare: async () => {
        const place = await newPlace();
        await place.store.put(ENTRY, file);
        return place;
      },
      run: async ({ store }) => {
        const hit = await store.get('rpm', ENTRY.key);
        faults.stop();
        if (hit !== undefined) expect(await readFile(hit.path, 'utf8')).toBe(CONTENT);
        await hit?.release();
      },
      check: async ({ folder, store, environment }) => {
        await expectWhole(folder);
        expect(await find(store)).toBe(CONTENT);
        expect(await find(await open(environment))).toBe(CONTENT);
        await store.close();
      },
    });
  });

  it('from a remote store is a hit or a miss, and keeps the whole entry or nothing', async () => {
    const remote = await newStage();
    const writer = await openStage(remote);
    await writer.put(ENTRY, await fileOf(CONTENT));
    await writer.flush(10_000);
    await failEachCall({
      prepare: async () => {
        const cache = await newFolder();
        const environment = { XDG_CACHE_HOME: cache, CI: undefined };
        return { cache, store: await openStage({ ...remote, environment }), folders: [cache] };
      },
      run: async ({ store }) => {
        const hit = await store.get('rpm', ENTRY.key);
        faults.stop();
        if (hit !== undefined) expect(await readFile(hit.path, 'utf8')).toBe(CONTENT);
        await hit?.release();
      },
      check: async ({ cache, store }) => {
        await expectWhole(join(cache, 'pinpack/store'));
        expect(await find(store)).toBe(CONTENT);
        await store.close();
      },
    });
  });

  it('of content by its digest produces it, and loses nothing', async () => {
    await failEachCall({
      prepare: newPlace,
      run: async ({ store }) => {
        const { path } = await store.getOrProduce(sha256Of(CONTENT), produce);
        faults.stop();
        expect(await readFile(path, 'utf8')).toBe(CONTENT);
      },
      check: async ({ folder, store }) => {
        await expectWhole(folder);
        const { path } = await store.getOrProduce(sha256Of(CONTENT), produce);
        expect(await readFile(path, 'utf8')).toBe(CONTENT);
        await store.close();
      },
    });
  });
});

describe('an upload', () => {
  const prepare = async () => {
    const stage = await newStage();
    const cache = await newFolder();
    const store = await openStage({ ...stage, environment: { XDG_CACHE_HOME: cache } });
    stage.backend.fail('STORE_UNREACHABLE', 'create');
    await store.put(ENTRY, await fileOf(CONTENT));
    await store.flush(10_000);
    await store.close();
    stage.backend.faults.clear();
    return { stage, cache, remoteFolder: stage.remoteFolder };
  };
  const run = async ({ stage, cache }: Awaited<ReturnType<typeof prepare>>) => {
    const next = { ...stage, journal: new RecordingJournal(), environment: { XDG_CACHE_HOME: cache } };
    const store = await openStage(next);
    const { refused } = await store.flush(10_000);
    expect(refused).toBe(0);
    await store.close();
  };
  const check = async (place: Awaited<ReturnType<typeof prepare>>) => {
    await expectWhole(place.remoteFolder);
    await run(place);
    expect(await find(await openStage({ ...place.stage, journal: new RecordingJournal() }))).toBe(CONTENT);
  };

  it('stays in the outbox if the local folder fails', async () => {
    const calls = await failEachCall({
      prepare: async () => {
        const place = await prepare();
        return { ...place, folders: [place.cache] };
      },
      run,
      check,
    });
    expect(calls).toBeGreaterThan(5);
  });

  it('stays in the outbox if the folder of the store fails', async () => {
    const calls = await failEachCall(
      {
        prepare: async () => {
          const place = await prepare();
          return { ...place, folders: [place.remoteFolder] };
        },
        run,
        check,
      },
      // Without permission to write to the store, an upload is refused and not repeated.
      FAULT_CODES.filter((code) => code !== 'EACCES'),
    );
    expect(calls).toBeGreaterThan(20);
  });
});

describe('a gc', () => {
  it('leaves whole entries, those in use among them, and can be repeated', async () => {
    const file = await fileOf(CONTENT);
    await failEachCall({
      prepare: async () => {
        const place = await newPlace();
        await place.store.put(ENTRY, file);
        await place.store.put({ ...ENTRY, key: 'old' }, await fileOf('old'));
        const paths = [contentPath('main', sha256Of('old')), entryPath('main', 'rpm', 'old')];
        for (const path of paths) await utimes(join(place.folder, path), new Date(0), new Date(0));
        return place;
      },
      run: async ({ folder }) => collectGarbage(folder, { maxAgeMs: 3_600_000, now: new Date() }),
      check: async ({ folder, store }) => {
        // Before anything reads the content: that would count as a use.
        await collectGarbage(folder, { maxAgeMs: 3_600_000, now: new Date() });
        expect([await find(store), await find(store, 'old')]).toEqual([CONTENT, undefined]);
        await expectWhole(folder);
        await store.close();
      },
    });
  });
});

describe('the standalone server', () => {
  it("answers Nx's client as it must while its disk fails, and serves whole archives", async () => {
    const running = await startServer({ limits: { requestsPerMinute: 1_000_000 } });
    const nx = new NxClient(running.url, running.tokens.write);
    let count = 0;
    await failEachCall(
      {
        prepare: () => Promise.resolve({ hash: `hash${count++}`, folders: [running.folder] }),
        run: async ({ hash }) => {
          expect(['stored', 'refused']).toContain(await nx.put(hash, `${CONTENT}${hash}`));
          const found = await nx.get(hash).catch((error: unknown) => {
            // The headers were sent: the response is cut off.
            if (!/^read .*\/pinpack-store-[^/]+\/[^/]+\.tmp$/.test(faults.failed)) throw error;
          });
          expect([undefined, `${CONTENT}${hash}`]).toContain(found);
        },
        check: async ({ hash }) => {
          expect(await nx.put(hash, `${CONTENT}${hash}`)).toBe('stored');
          expect(await nx.get(hash)).toBe(`${CONTENT}${hash}`);
        },
      },
      ['ENOSPC', 'EMFILE'],
    );
    await expectWhole(running.folder);
  });

  it('evicts whole entries while its disk fails', async () => {
    await failEachCall({
      prepare: async () => {
        const folder = await newFolder();
        const backend = new QuotaFolder(folder, 5000);
        for (const text of ['a', 'b', 'c']) await putObject(backend, text);
        return { folder, backend, folders: [folder] };
      },
      run: ({ backend }) => putObject(backend, 'd'),
      check: async ({ folder, backend }) => {
        await expectWhole(folder);
        await putObject(backend, 'd');
        let bytes = 0;
        for await (const { size } of backend.list('v1/')) bytes += size;
        expect(bytes).toBeLessThanOrEqual(5000);
      },
    });
  });
});

it('a store that is a folder is read-only without permission', async () => {
  const folder = await newFolder();
  const journal = new RecordingJournal();
  const store = await openStore({ url: pathToFileURL(folder).href, mode: 'read-write', environment: {}, journal });
  faults.start([folder], { index: 0, code: 'EACCES' });
  expect(await store?.put(ENTRY, await fileOf(CONTENT))).toBe('failed');
  faults.stop();
  expect(journal.warnings[0]).toContain('EACCES');
});

async function putObject(backend: FolderBackend, text: string): Promise<void> {
  const bytes = Buffer.from(text.repeat(1500));
  const content = contentOf(bytes);
  await backend.create(contentPath('main', content.sha256), content);
}
