import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EntryKind } from '../names/object-keys.js';
import { generateSigningKeys, parsePublicKey, parseSigningKey } from '../entry/signature.js';
import { FolderJournal, readRun } from './run-journal.js';
import type { Store } from './store.js';
import {
  fileOf,
  hang,
  newFolder,
  newStage,
  openStage,
  sha256Of,
  SHORT,
  type FaultyBackend,
  RecordingJournal,
} from './store.fixture.js';

const WHEEL = {
  kind: 'wheel',
  key: 'a-wheel',
  fileName: 'a-1-py3-none-any.whl',
  attachments: { facts: '{}' },
} as const;
const ARCHIVE = { kind: 'nx', key: '1234', fileName: '', attachments: {} } as const;
const CONTENT = 'forty wheels\n';

let stage: Awaited<ReturnType<typeof newStage>>;
let backend: FaultyBackend;
let journal: RecordingJournal;

beforeEach(async () => {
  stage = await newStage();
  ({ backend, journal } = stage);
});

/** The content of a hit, which is released. */
async function contentOf(store: Store, kind: EntryKind, key: string): Promise<string | undefined> {
  const hit = await store.get(kind, key);
  if (hit === undefined) return undefined;
  const text = await readFile(hit.path, 'utf8');
  await hit.release();
  return text;
}

async function fill(...entries: (typeof WHEEL | typeof ARCHIVE)[]): Promise<void> {
  const store = await openStage({ ...stage, journal: new RecordingJournal() });
  for (const entry of entries) await store.put(entry, await fileOf(`${CONTENT}${entry.kind}`));
  expect(await store.flush(10_000)).toMatchObject({ left: 0, refused: 0 });
  await store.close();
}

describe('an entry', () => {
  it.each([WHEEL, ARCHIVE])('of one machine is found by another in the remote store: $kind', async (entry) => {
    const first = await openStage(stage);
    await first.put(entry, await fileOf(CONTENT));
    expect(await first.flush(10_000)).toEqual({ uploaded: 1, bytes: CONTENT.length, left: 0, refused: 0 });
    const second = await openStage(stage);
    const hit = await second.get(entry.kind, entry.key);
    expect(hit).toMatchObject({ from: 'remote', record: { ...entry, sha256: sha256Of(CONTENT), namespace: 'main' } });
    expect(await readFile(hit?.path ?? '', 'utf8')).toBe(CONTENT);
    expect(journal.warnings).toEqual([]);
  });

  it('of the executors is local afterwards, and the remote store is not queried', async () => {
    await fill(WHEEL);
    const store = await openStage(stage);
    expect((await store.get('wheel', WHEEL.key))?.from).toBe('remote');
    const asked = backend.calls.length;
    const hit = await store.get('wheel', WHEEL.key);
    expect(hit?.from).toBe('local');
    expect((await stat(hit?.path ?? '')).mode & 0o777).toBe(0o444);
    expect(backend.calls).toHaveLength(asked);
  });

  it("of Nx does not stay in the user's folder", async () => {
    const cache = await newFolder();
    const store = await openStage({ ...stage, environment: { XDG_CACHE_HOME: cache } });
    await store.put(ARCHIVE, await fileOf(CONTENT));
    await store.flush(10_000);
    const hit = await store.get('nx', ARCHIVE.key);
    const filesOf = async () =>
      (await readdir(join(cache, 'pinpack'), { recursive: true, withFileTypes: true })).filter(
        (entry) => !entry.isDirectory(),
      );
    expect((await filesOf()).map(({ name, parentPath }) => join(parentPath, name))).toEqual([hit?.path]);
    await hit?.release();
    expect(await filesOf()).toEqual([]);
  });

  it('is local at once, with the content at the time of the put', async () => {
    const store = await openStage(stage);
    backend.faults.set('create', hang);
    const file = await fileOf(CONTENT);
    await store.put(WHEEL, file);
    await writeFile(file, 'changed after');
    expect(await contentOf(store, 'wheel', WHEEL.key)).toBe(CONTENT);
    await store.close();
  });

  it('is moved if the store takes ownership of the file', async () => {
    const store = await openStage(stage);
    const file = await store.temporaryFile();
    await writeFile(file, CONTENT);
    await store.put(ARCHIVE, file, {
      takeOwnership: true,
      content: { size: CONTENT.length, sha256: sha256Of(CONTENT) },
    });
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await store.flush(10_000);
    expect(await contentOf(store, 'nx', ARCHIVE.key)).toBe(CONTENT);
  });

  it('keeps the first content of its key', async () => {
    const [first, second] = [await openStage(stage), await openStage(stage)];
    await first.put(ARCHIVE, await fileOf('first'));
    await first.flush(10_000);
    await second.put(ARCHIVE, await fileOf('second'));
    expect(await second.flush(10_000)).toMatchObject({ uploaded: 0, left: 0, refused: 0 });
    expect(await contentOf(second, 'nx', ARCHIVE.key)).toBe('first');
  });

  it('with an invalid key is a RangeError', async () => {
    const store = await openStage(stage);
    await expect(store.get('nx', '../escape')).rejects.toThrow(RangeError);
    await expect(store.put({ ...ARCHIVE, key: '' }, await fileOf(''))).rejects.toThrow(RangeError);
  });
});

describe('an archive of Nx in memory', () => {
  const FRAMED = { ...ARCHIVE, attachments: { archive: '{}' } };
  const bytes = Buffer.from(CONTENT);

  async function archiveOf(store: Store): Promise<{ text: string; isBytes: boolean } | undefined> {
    const hit = await store.getArchive(ARCHIVE.key);
    if (hit === undefined) return undefined;
    const { content } = hit;
    const text = typeof content === 'string' ? await readFile(content, 'utf8') : Buffer.from(content).toString();
    await hit.release();
    return { text, isBytes: typeof content !== 'string' };
  }

  it('is uploaded without a file, and read into memory by another machine', async () => {
    const cache = await newFolder();
    const first = await openStage({ ...stage, environment: { XDG_CACHE_HOME: cache } });
    expect(await first.put(ARCHIVE, bytes)).toBe('stored');
    expect(await first.flush(10_000)).toEqual({ uploaded: 1, bytes: CONTENT.length, left: 0, refused: 0 });
    const written = await readdir(join(cache, 'pinpack/store'), { recursive: true }).catch(() => []);
    expect(written.filter((name) => /spool\/|outbox\/|sha256\//.test(name))).toEqual([]);
    expect(await archiveOf(await openStage(stage))).toEqual({ text: CONTENT, isBytes: true });
    expect(journal.events.map(({ event, kind }) => `${event} ${kind}`)).toEqual(['built nx', 'uploaded nx', 'hit nx']);
  });

  it('that was taken apart is not sent again after its file', async () => {
    const store = await openStage(stage);
    await store.put(WHEEL, await fileOf(CONTENT));
    await store.flush(10_000);
    await store.put(FRAMED, bytes);
    await store.flush(10_000);
    const sent = backend.calls.filter((call) => call.startsWith('create v1/main/sha256/'));
    expect(sent).toHaveLength(1);
    expect(await archiveOf(store)).toEqual({ text: CONTENT, isBytes: false });
  });

  it('whose upload fails is put into the outbox, and the next run uploads it', async () => {
    const environment = { XDG_CACHE_HOME: await newFolder() };
    backend.fail('STORE_UNREACHABLE', 'create');
    const first = await openStage({ ...stage, environment });
    expect(await first.put(ARCHIVE, bytes)).toBe('stored');
    expect(await first.flush(10_000)).toMatchObject({ uploaded: 0, left: 1 });
    await first.close();
    backend.faults.clear();
    const second = await openStage({ ...stage, journal: new RecordingJournal(), environment });
    expect(await second.flush(10_000)).toMatchObject({ uploaded: 1, left: 0 });
    expect((await archiveOf(await openStage({ ...stage, journal: new RecordingJournal() })))?.text).toBe(CONTENT);
  });

  it('whose upload hangs is in the outbox when the store is closed', async () => {
    const environment = { XDG_CACHE_HOME: await newFolder() };
    backend.faults.set('create', hang);
    const first = await openStage({ ...stage, environment });
    await first.put(ARCHIVE, bytes);
    await first.close();
    backend.faults.clear();
    const second = await openStage({ ...stage, journal: new RecordingJournal(), environment });
    expect(await second.flush(10_000)).toMatchObject({ uploaded: 1, left: 0 });
  });

  it('that is damaged in the remote store is a miss with a warning', async () => {
    await fill(ARCHIVE);
    backend.damage = (found) => (found.toString().startsWith('{') ? found : Buffer.from(found).fill(0, 3, 4));
    expect(await archiveOf(await openStage(stage))).toBeUndefined();
    expect(journal.warnings.join()).toContain('does not match its digest');
  });

  it('goes through files without a process that uploads', async () => {
    const store = await openStage({ ...stage, isUploader: false });
    expect(await store.put(ARCHIVE, bytes)).toBe('stored');
    expect(backend.calls).toEqual([]);
  });
});

describe('content by its digest', () => {
  const sha256 = sha256Of(CONTENT);
  const produce = (path: string): Promise<void> => writeFile(path, CONTENT);
  const refuse = (): Promise<void> => Promise.reject(new Error('produced again'));

  it('is produced, then local, and remote for other machines', async () => {
    const store = await openStage(stage);
    const { path, from } = await store.getOrProduce(sha256, produce);
    expect([await readFile(path, 'utf8'), from]).toEqual([CONTENT, 'produced']);
    const again = await store.getOrProduce(sha256, refuse);
    expect([await readFile(again.path, 'utf8'), again.from]).toEqual([CONTENT, 'local']);
    await store.flush(10_000);
    const other = await openStage(stage);
    expect((await other.getOrProduce(sha256, refuse)).from).toBe('remote');
    expect((await other.getOrProduce(sha256, refuse)).from).toBe('local');
  });

  it('is produced once for concurrent callers', async () => {
    const store = await openStage(stage);
    let count = 0;
    const count1 = async (path: string): Promise<void> => {
      count++;
      await produce(path);
    };
    const answers = await Promise.all(Array.from({ length: 8 }, () => store.getOrProduce(sha256, count1)));
    const texts = await Promise.all(answers.map(({ path: found }) => readFile(found, 'utf8')));
    expect([count, new Set(texts)]).toEqual([1, new Set([CONTENT])]);
  });

  it('that is damaged locally is downloaded again', async () => {
    const store = await openStage(stage);
    const { path } = await store.getOrProduce(sha256, produce);
    await chmod(path, 0o644);
    await writeFile(path, 'forty whales\n');
    await store.flush(10_000);
    const again = await store.getOrProduce(sha256, refuse);
    expect([await readFile(again.path, 'utf8'), again.from]).toEqual([CONTENT, 'remote']);
  });

  it('is rejected if it has another digest, and leaves no file', async () => {
    const cache = await newFolder();
    const store = await openStage({ ...stage, environment: { XDG_CACHE_HOME: cache } });
    const wrong = store.getOrProduce(sha256, (path) => writeFile(path, 'other'));
    await expect(wrong).rejects.toMatchObject({ code: 'STORE_CONTENT_DIFFERS' });
    expect(await readdir(join(cache, 'pinpack/store/spool'))).toEqual([]);
    await expect(store.getOrProduce(sha256, refuse)).rejects.toThrow('produced again');
    expect((await store.getOrProduce(sha256, produce)).from).toBe('produced');
  });

  it('is produced in another folder, until the store is closed, if the local folder cannot be written', async () => {
    const file = await fileOf('');
    const store = await openStage({ ...stage, environment: { XDG_CACHE_HOME: file } });
    const { path } = await store.getOrProduce(sha256, produce);
    expect(await readFile(path, 'utf8')).toBe(CONTENT);
    await store.close();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(journal.warnings[0]).toContain(file);
  });
});

describe('permissions', () => {
  it('are read-only outside of CI', async () => {
    await fill(ARCHIVE);
    const store = await openStage({ ...stage, environment: { CI: undefined } });
    expect(store.canWrite).toBe(false);
    await store.put({ ...WHEEL, key: 'mine' }, await fileOf('mine'));
    await store.getOrProduce(sha256Of('m'), (path) => writeFile(path, 'm'));
    expect(await store.flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 0 });
    expect(backend.calls.filter((call) => call.startsWith('create') && call.includes('mine'))).toEqual([]);
    expect(await contentOf(store, 'wheel', 'mine')).toBe('mine');
    expect(await contentOf(store, 'nx', ARCHIVE.key)).toBe(`${CONTENT}nx`);
  });

  it('that are denied for writing do not affect reading', async () => {
    await fill(ARCHIVE);
    backend.fail('STORE_FORBIDDEN', 'create');
    const store = await openStage(stage);
    await store.put({ ...ARCHIVE, key: 'a' }, await fileOf('a'));
    expect(await store.flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 1 });
    backend.calls.length = 0;
    await store.put({ ...ARCHIVE, key: 'b' }, await fileOf('b'));
    expect(await store.flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 0 });
    expect([backend.calls, store.canWrite]).toEqual([[], false]);
    expect(await contentOf(store, 'nx', ARCHIVE.key)).toBe(`${CONTENT}nx`);
    expect(journal.warnings).toHaveLength(1);
  });

  it('of a pull request: main does not see its entries, and it prefers its own to those of main', async () => {
    await fill(ARCHIVE);
    const environment = {
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REPOSITORY: 'a/b',
      GITHUB_REF: 'refs/pull/7/merge',
    };
    const pull = await openStage({ ...stage, environment });
    expect(await contentOf(pull, 'nx', ARCHIVE.key)).toBe(`${CONTENT}nx`);
    await pull.put(ARCHIVE, await fileOf('poison'));
    await pull.put({ ...ARCHIVE, key: 'new' }, await fileOf('poison'));
    await pull.flush(10_000);
    expect(await contentOf(pull, 'nx', ARCHIVE.key)).toBe('poison');
    const main = await openStage(stage);
    expect(await contentOf(main, 'nx', ARCHIVE.key)).toBe(`${CONTENT}nx`);
    expect(await contentOf(main, 'nx', 'new')).toBeUndefined();
    const other = await openStage({ ...stage, environment: { ...environment, GITHUB_REF: 'refs/pull/8/merge' } });
    expect(await contentOf(other, 'nx', 'new')).toBeUndefined();
  });
});

describe('trust', () => {
  const keys = generateSigningKeys();
  const others = generateSigningKeys();
  const publicKeys = [parsePublicKey(keys.publicKey, 'test')];
  const reader = { publicKeys };
  const writer = { publicKeys, signingKey: parseSigningKey(keys.privateKey, 'test') };
  const stranger = { publicKeys: [], signingKey: parseSigningKey(others.privateKey, 'test') };

  it('accepts signed entries', async () => {
    const store = await openStage({ ...stage, trust: writer });
    await store.put(ARCHIVE, await fileOf(CONTENT));
    await store.flush(10_000);
    expect(await contentOf(await openStage({ ...stage, trust: reader }), 'nx', ARCHIVE.key)).toBe(CONTENT);
    expect(journal.warnings).toEqual([]);
  });

  it.each([
    ['unsigned', undefined, 'no signature'],
    ['signed by a stranger', stranger, 'is not of a key'],
  ])('an entry that is %s is a miss with a warning, and does not stop the store', async (_, trust, message) => {
    const store = await openStage({ ...stage, ...(trust && { trust }) });
    for (const key of ['1', '2', '3', '4']) await store.put({ ...ARCHIVE, key }, await fileOf(key));
    await store.flush(10_000);
    const asker = await openStage({ ...stage, trust: reader });
    for (const key of ['1', '2', '3', '4']) expect(await contentOf(asker, 'nx', key)).toBeUndefined();
    expect(journal.warnings[0]).toContain(message);
    expect(backend.calls.filter((call) => call.startsWith('read'))).toHaveLength(4);
  });

  const alterations: [string, (text: string) => string][] = [
    ['key', (text) => text.replace('"1234"', '"1235"')],
    ['content', (text) => text.replace(/"sha256": "\w{64}"/, `"sha256": "${sha256Of('poison')}"`)],
    ['attachments', (text) => text.replace('"attachments": {}', '"attachments": {"facts": "poison"}')],
    ['namespace', (text) => text.replace('"main"', '"branch/a-0"')],
  ];
  it.each(alterations)('a record with another %s is a miss with a warning', async (_, alter) => {
    const store = await openStage({ ...stage, trust: writer });
    await store.put(ARCHIVE, await fileOf(CONTENT));
    await store.flush(10_000);
    const path = join(stage.remoteFolder, 'v1/main/entries/nx/1234');
    const text = await readFile(path, 'utf8');
    expect(alter(text)).not.toBe(text);
    await chmod(path, 0o644);
    await writeFile(path, alter(text));
    expect(await contentOf(await openStage({ ...stage, trust: reader }), 'nx', ARCHIVE.key)).toBeUndefined();
    expect(journal.warnings).toHaveLength(1);
  });
});

describe('a store with invalid responses', () => {
  const lies: [string, (bytes: Buffer) => Buffer][] = [
    ['flips a bit', (bytes) => Buffer.from(bytes.map((byte, index) => (index === 9 ? byte ^ 1 : byte)))],
    ['cuts off', (bytes) => bytes.subarray(0, -1)],
    ['adds', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
    ['answers nothing', () => Buffer.of()],
    ['answers with something else', () => Buffer.from('<html>sign in</html>')],
  ];
  it.each(lies)('%s: in a record, a miss with a warning', async (_, damage) => {
    await fill(ARCHIVE);
    const store = await openStage(stage);
    backend.damage = (bytes) => (bytes.includes('attachments') ? damage(bytes) : bytes);
    const text = await contentOf(store, 'nx', ARCHIVE.key);
    // A bit of a blank, and a byte more at the end, may leave a record that says the same.
    expect([undefined, `${CONTENT}nx`]).toContain(text);
    if (text === undefined) expect(journal.warnings).toHaveLength(1);
  });

  it.each(lies)('%s: in content, a miss with a warning and no file', async (_, damage) => {
    await fill(ARCHIVE, WHEEL);
    const cache = await newFolder();
    const store = await openStage({ ...stage, environment: { XDG_CACHE_HOME: cache } });
    backend.damage = (bytes) => (bytes.includes('attachments') ? bytes : damage(bytes));
    expect(await store.get('nx', ARCHIVE.key)).toBeUndefined();
    expect(await store.get('wheel', WHEEL.key)).toBeUndefined();
    expect(journal.warnings.length).toBeGreaterThan(0);
    expect(await readdir(join(cache, 'pinpack/store/spool'))).toEqual([]);
  });

  it('that returns the record of another key: a miss with a warning', async () => {
    await fill(ARCHIVE);
    const entries = join(stage.remoteFolder, 'v1/main/entries/nx');
    await writeFile(join(entries, '9999'), await readFile(join(entries, ARCHIVE.key)));
    const store = await openStage(stage);
    expect(await store.get('nx', '9999')).toBeUndefined();
    expect(journal.warnings[0]).toContain('the record of another entry, main, nx 1234');
  });

  it('that has a record without content: a miss', async () => {
    await fill(ARCHIVE);
    await rm(join(stage.remoteFolder, 'v1/main/sha256'), { recursive: true });
    expect(await (await openStage(stage)).get('nx', ARCHIVE.key)).toBeUndefined();
  });
});

describe('errors', () => {
  it.each(['STORE_UNREACHABLE', 'STORE_ANSWER_INVALID'] as const)(
    '%s: misses with one warning, and after three the store is not queried again',
    async (code) => {
      await fill(ARCHIVE);
      backend.fail(code, 'read', 'download', 'stat', 'create');
      const store = await openStage(stage);
      backend.calls.length = 0;
      for (let index = 0; index < 10; index++) expect(await store.get('nx', ARCHIVE.key)).toBeUndefined();
      expect(backend.calls).toHaveLength(3);
      const sha256 = sha256Of('x');
      expect((await store.getOrProduce(sha256, (path) => writeFile(path, 'x'))).from).toBe('produced');
      expect(backend.calls).toHaveLength(3);
    },
  );

  it('that hangs once is not queried again', async () => {
    backend.faults.set('read', hang);
    const store = await openStage({ ...stage, limits: { ...SHORT, recordMs: 2100 } });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => store.get('nx', `${index}`)));
    expect(answers.every((answer) => answer === undefined)).toBe(true);
    backend.calls.length = 0;
    expect(await store.get('nx', '9')).toBeUndefined();
    expect(backend.calls).toEqual([]);
  });

  it('a backend that ignores an abort is abandoned', async () => {
    backend.read = hang;
    const store = await openStage({ ...stage, limits: SHORT });
    expect(await store.get('nx', '1')).toBeUndefined();
    expect(journal.warnings[0]).toContain('no answer in');
  });

  it('between successful requests do not stop it', async () => {
    await fill(ARCHIVE);
    const store = await openStage(stage);
    for (let index = 0; index < 5; index++) {
      backend.fail('STORE_UNREACHABLE', 'read');
      expect(await store.get('nx', ARCHIVE.key)).toBeUndefined();
      backend.faults.clear();
      expect(await contentOf(store, 'nx', ARCHIVE.key)).toBe(`${CONTENT}nx`);
    }
  });

  it('stop all processes of the run, with one warning', async () => {
    const folder = join(await newFolder(), 'run');
    const environment = { PINPACK_STORE_RUN: folder };
    backend.fail('STORE_UNREACHABLE', 'read');
    const stores = [
      await openStage({ ...stage, journal: new FolderJournal(folder), environment }),
      await openStage({ ...stage, journal: new FolderJournal(folder), environment }),
    ];
    for (let index = 0; index < 3; index++) await stores[0]?.get('nx', '1');
    backend.calls.length = 0;
    expect(await stores[1]?.get('nx', '1')).toBeUndefined();
    expect(backend.calls).toEqual([]);
    const { events, warning } = await readRun(folder);
    expect(warning).toContain('no read today');
    expect(events.map(({ event }) => event)).toEqual(['fault', 'miss', 'fault', 'miss', 'fault', 'miss', 'miss']);
  });

  it('are retried by a server after a while', async () => {
    await fill(ARCHIVE);
    backend.fail('STORE_UNREACHABLE', 'read');
    const store = await openStage({ ...stage, retryAfterMs: 50 });
    for (let index = 0; index < 3; index++) await store.get('nx', '1');
    backend.faults.clear();
    await expect.poll(() => contentOf(store, 'nx', ARCHIVE.key)).toBe(`${CONTENT}nx`);
  });
});

describe('downloads', () => {
  it('are at most eight at a time, and pending ones are skipped after the store has failed', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `${index}`);
    const first = await openStage(stage);
    for (const key of keys) await first.put({ ...ARCHIVE, key }, await fileOf(key));
    expect(await first.flush(30_000)).toMatchObject({ uploaded: keys.length });
    const callsOf = (method: string) => backend.calls.filter((call) => call.startsWith(`${method} `)).length;
    const store = await openStage({ ...stage, limits: { ...SHORT, recordMs: 10_000, downloadMs: () => 1000 } });
    expect(await Promise.all(keys.map((key) => contentOf(store, 'nx', key)))).toEqual(keys);
    const before = { read: callsOf('read'), download: callsOf('download') };
    backend.faults.set('download', hang);
    const asked = keys.map((key) => store.get('nx', key));
    await expect.poll(() => callsOf('read') - before.read).toBe(keys.length);
    await expect.poll(() => callsOf('download') - before.download).toBe(8);
    expect(await Promise.all(asked)).toEqual(keys.map(() => undefined));
    // Two more, for the breaker opens at the third that fails.
    expect(callsOf('download') - before.download).toBeLessThanOrEqual(10);
  });
});

describe('uploads', () => {
  it('that fail stay in the outbox, and the next run uploads them', async () => {
    const environment = { XDG_CACHE_HOME: await newFolder() };
    backend.fail('STORE_UNREACHABLE', 'create', 'stat');
    const first = await openStage({ ...stage, environment });
    await first.put(ARCHIVE, await fileOf(CONTENT));
    expect(await first.flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 1, refused: 0 });
    await first.close();
    backend.faults.clear();
    const next = await openStage({ ...stage, journal: new RecordingJournal(), environment });
    expect(await next.flush(10_000)).toEqual({ uploaded: 1, bytes: CONTENT.length, left: 0, refused: 0 });
    expect(await contentOf(next, 'nx', ARCHIVE.key)).toBe(CONTENT);
    expect(await readdir(join(environment.XDG_CACHE_HOME, 'pinpack/store/spool'))).toEqual([]);
  });

  it('that hang are aborted at the deadline', async () => {
    backend.faults.set('create', hang);
    const store = await openStage(stage);
    await store.put(ARCHIVE, await fileOf(CONTENT));
    expect(await store.flush(50)).toEqual({ uploaded: 0, bytes: 0, left: 1, refused: 0 });
    await store.close();
  });

  it('of another store or namespace are left alone', async () => {
    const environment = { XDG_CACHE_HOME: await newFolder() };
    backend.fail('STORE_UNREACHABLE', 'create');
    const pull = await openStage({ ...stage, environment: { ...environment, PINPACK_STORE_BRANCH: 'feature' } });
    await pull.put(ARCHIVE, await fileOf('poison'));
    expect(await pull.flush(10_000)).toMatchObject({ left: 1 });
    backend.faults.clear();
    const main = await openStage({ ...stage, environment });
    expect(await main.flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 0 });
    expect(await main.get('nx', ARCHIVE.key)).toBeUndefined();
  });

  it('are done by the uploading process of the run, which notices them', async () => {
    const environment = { XDG_CACHE_HOME: await newFolder(), PINPACK_STORE_RUN: await newFolder() };
    const session = await openStage({ ...stage, environment, isUploader: true });
    const task = await openStage({ ...stage, environment });
    await task.put(WHEEL, await fileOf(CONTENT));
    await task.close();
    await expect.poll(() => backend.calls.filter((call) => call.startsWith('create')).length).toBe(2);
    expect(await session.flush(10_000)).toMatchObject({ uploaded: 1, left: 0 });
    await session.close();
  });

  it('run concurrently, each item once', async () => {
    const store = await openStage(stage);
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) =>
        store.put({ ...ARCHIVE, key: `${index}` }, await fileOf(`${index}`)),
      ),
    );
    expect(await store.flush(30_000)).toMatchObject({ uploaded: 40, left: 0, refused: 0 });
    expect(backend.calls.filter((call) => call.startsWith('create'))).toHaveLength(80);
  });

  it('whose content was damaged in the spool are refused', async () => {
    const environment = { XDG_CACHE_HOME: await newFolder() };
    backend.fail('STORE_UNREACHABLE', 'create');
    const store = await openStage({ ...stage, environment });
    for (const key of ['a', 'b']) await store.put({ ...ARCHIVE, key }, await fileOf(`${key}${CONTENT}`));
    await store.close();
    const spool = join(environment.XDG_CACHE_HOME, 'pinpack/store/spool');
    const [one = '', two = ''] = await readdir(spool);
    for (const name of [one, two]) await chmod(join(spool, name), 0o644);
    await writeFile(join(spool, one), 'cut');
    await writeFile(join(spool, two), `x${CONTENT}`);
    backend.faults.clear();
    const next = await openStage({ ...stage, journal: new RecordingJournal(), environment });
    expect(await next.flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 2 });
    expect(await next.get('nx', 'a')).toBeUndefined();
  });
});
