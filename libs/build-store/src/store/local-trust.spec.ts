// Which entries of the local folder and of the outbox a run believes, when workspaces with other stores, other keys or none share the folder.
import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { generateSigningKeys, parsePublicKey, parseSigningKey } from '../entry/signature.js';
import type { Trust } from '../entry/trust.js';
import { openStore } from './open-store.js';
import { fileOf, newFolder, newStage, openStage, RecordingJournal, sha256Of, type Stage } from './store.fixture.js';
import type { Store } from './store.js';

const RPM = { kind: 'rpm', key: 'a-key', fileName: 'a.rpm', attachments: { facts: '{}' } } as const;
const RECORD = 'pinpack/store/v1/main/entries/rpm/a-key';

function newKeys(): { reader: Trust; writer: Trust } {
  const keys = generateSigningKeys();
  const publicKeys = [parsePublicKey(keys.publicKey, 'test')];
  return { reader: { publicKeys }, writer: { publicKeys, signingKey: parseSigningKey(keys.privateKey, 'test') } };
}

const [mine, others] = [newKeys(), newKeys()];
const NO_KEYS: Trust = { publicKeys: [] };

let cache: string;
let state: string;
let stage: Stage & { remoteFolder: string; journal: RecordingJournal };

beforeEach(async () => {
  [cache, state] = [await newFolder(), await newFolder()];
  stage = await newStage();
});

/** A workspace of this user and machine. */
const open = (trust: Trust, environment: Record<string, string> = {}, from: Stage = stage): Promise<Store> =>
  openStage({ ...from, trust, environment: { XDG_CACHE_HOME: cache, XDG_STATE_HOME: state, ...environment } });

async function find(store: Store): Promise<string | undefined> {
  const hit = await store.get('rpm', RPM.key);
  const found = hit && `${hit.from}: ${await readFile(hit.path, 'utf8')}`;
  await hit?.release();
  await store.close();
  return found;
}

/** Puts an entry into the remote from another machine. */
async function fillRemote(trust: Trust, content: string, into: Stage = stage): Promise<void> {
  const elsewhere = { XDG_CACHE_HOME: await newFolder(), XDG_STATE_HOME: await newFolder() };
  const store = await openStage({ ...into, trust, environment: elsewhere });
  await store.put(RPM, await fileOf(content));
  expect(await store.flush(10_000)).toMatchObject({ uploaded: 1 });
  await store.close();
}

async function alterRecord(alter: (text: string) => string, path = RECORD): Promise<void> {
  const file = join(cache, path);
  const text = await readFile(file, 'utf8');
  expect(alter(text)).not.toBe(text);
  await chmod(file, 0o644);
  await writeFile(file, alter(text));
}

describe('an unsigned entry that a run without keys got from a store', () => {
  beforeEach(async () => {
    await fillRemote(NO_KEYS, 'unsigned');
    expect(await find(await open(NO_KEYS))).toBe('remote: unsigned');
  });

  it('is local for this workspace', async () => {
    expect(await find(await open(NO_KEYS))).toBe('local: unsigned');
  });

  it('is a miss as soon as keys are set, also without a network', async () => {
    expect(await find(await open(mine.reader))).toBeUndefined();
    const isolated = await newStage();
    isolated.backend.fail('STORE_UNREACHABLE', 'read', 'download', 'stat');
    expect(await find(await open(mine.reader, {}, isolated))).toBeUndefined();
  });

  it('is a miss for a workspace with another store or none, with and without keys', async () => {
    const environment = { XDG_CACHE_HOME: cache, XDG_STATE_HOME: state, PINPACK_STORE_MODE: 'read' };
    const other = { PINPACK_STORE: pathToFileURL(await newFolder()).href };
    for (const store of [other, {}]) {
      for (const publicKeys of [[], [generateSigningKeys().publicKey]]) {
        const opened = await openStore({ environment: { ...environment, ...store }, publicKeys });
        if (opened === undefined) throw new Error('no store');
        expect(await find(opened)).toBeUndefined();
      }
    }
  });

  it('is replaced by the signed entry of a store, and stays so', async () => {
    const signed = await newStage();
    await fillRemote(mine.writer, 'signed', signed);
    expect(await find(await open(mine.reader, {}, signed))).toBe('remote: signed');
    signed.backend.fail('STORE_UNREACHABLE', 'read');
    expect(await find(await open(mine.reader, {}, signed))).toBe('local: signed');
  });

  it('is replaced by what a run with keys builds', async () => {
    const store = await open(mine.reader);
    await store.put(RPM, await fileOf('built'));
    expect(await find(store)).toBe('local: built');
  });
});

describe('a signed entry from a store', () => {
  beforeEach(async () => {
    await fillRemote(mine.writer, 'signed');
    expect(await find(await open(mine.reader))).toBe('remote: signed');
  });

  it('is local for readers with its key, in any workspace', async () => {
    expect(await find(await open(mine.reader, {}, await newStage()))).toBe('local: signed');
  });

  it('is a miss for a reader with other keys, such as after its key was revoked', async () => {
    expect(await find(await open(others.reader))).toBeUndefined();
  });

  it('is local for a reader that has no keys any more, and only of the same store', async () => {
    expect(await find(await open(NO_KEYS))).toBe('local: signed');
  });

  it('is a miss if its record was altered, and comes again from the store', async () => {
    await alterRecord((text) => text.replaceAll(sha256Of('signed'), sha256Of('poison')));
    expect(await find(await open(mine.reader))).toBe('remote: signed');
  });
});

describe('an entry that this machine built', () => {
  beforeEach(async () => {
    const store = await open(NO_KEYS);
    await store.put(RPM, await fileOf('built'));
    await store.close();
  });

  it('is local for every workspace of the user', async () => {
    for (const trust of [NO_KEYS, mine.reader]) expect(await find(await open(trust))).toBe('local: built');
  });

  it('is a miss in a cache folder that came from another machine or user', async () => {
    const environment = { XDG_STATE_HOME: await newFolder() };
    for (const trust of [NO_KEYS, mine.reader]) expect(await find(await open(trust, environment))).toBeUndefined();
  });

  const alterations: [string, (text: string) => string][] = [
    ['content', (text) => text.replace(sha256Of('built'), sha256Of('other'))],
    ['attachments', (text) => text.replace('"facts": "{}"', '"facts": "poison"')],
    ['origin', (text) => text.replace('"origin": "built"', '"origin": "remote s3"')],
    ['code', (text) => text.replace(/"mac": "..../, '"mac": "0000')],
  ];
  it.each(alterations)('is a miss if its %s was altered', async (_, alter) => {
    await alterRecord(alter);
    expect(await find(await open(NO_KEYS))).toBeUndefined();
  });

  it('is a miss under another key', async () => {
    const folder = join(cache, 'pinpack/store/v1/main/entries/rpm');
    await rename(join(folder, RPM.key), join(folder, 'other'));
    await alterRecord((text) => text.replace(`"${RPM.key}"`, '"other"'), `${RECORD.slice(0, -5)}other`);
    expect(await (await open(NO_KEYS)).get('rpm', 'other')).toBeUndefined();
  });

  it('does not replace another content, which stays', async () => {
    const store = await open(NO_KEYS);
    expect(await store.put(RPM, await fileOf('built'))).toBe('stored');
    expect(await store.put(RPM, await fileOf('again'))).toBe('conflict');
    expect(await find(store)).toBe('local: built');
  });
});

it("a pull request's run keeps main's signed entries, for main's runs as well", async () => {
  await fillRemote(mine.writer, 'signed');
  expect(await find(await open(mine.reader, { PINPACK_STORE_BRANCH: 'feature' }))).toBe('remote: signed');
  expect(await find(await open(mine.reader, { PINPACK_STORE_BRANCH: 'feature' }))).toBe('local: signed');
  expect(await find(await open(mine.reader))).toBe('local: signed');
});

it("a pull request's own entries stay in its namespace", async () => {
  const pull = await open(NO_KEYS, { PINPACK_STORE_BRANCH: 'feature' });
  await pull.put(RPM, await fileOf('poison'));
  await pull.close();
  expect(await find(await open(NO_KEYS))).toBeUndefined();
  expect(await find(await open(NO_KEYS, { PINPACK_STORE_BRANCH: 'other' }))).toBeUndefined();
});

describe('the key of the local folder', () => {
  const file = (): string => join(state, 'pinpack/store.key');

  it('is for its owner only, outside of the cache folder, and the same for all processes', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(NO_KEYS)));
    expect(await readdir(join(state, 'pinpack'))).toEqual(['store.key']);
    expect([(await stat(file())).mode & 0o777, (await stat(file())).size]).toEqual([0o600, 32]);
    await stores[0]?.put(RPM, await fileOf('built'));
    for (const store of stores) expect(await find(store)).toBe('local: built');
  });

  const damages: [string, () => Promise<unknown>][] = [
    ['readable by others', () => chmod(file(), 0o644)],
    ['of another size', () => writeFile(file(), 'short')],
    ['a link', () => rename(file(), `${file()}.old`).then(() => symlink(`${file()}.old`, file()))],
    ['a folder', () => rename(file(), `${file()}.old`).then(() => mkdir(file()))],
  ];
  it.each(damages)('that is %s is not used: a warning, misses, and entries of this process', async (_, damage) => {
    const before = await open(NO_KEYS);
    await before.put({ ...RPM, key: 'before' }, await fileOf('before'));
    await damage();
    const store = await open(NO_KEYS);
    expect(stage.journal.warnings[0]).toContain('store.key: the key of the local folder is not usable');
    expect(await store.get('rpm', 'before')).toBeUndefined();
    await store.put(RPM, await fileOf('built'));
    expect(await find(store)).toBe('local: built');
  });
});

describe('the outbox', () => {
  async function leaveUpload(trust: Trust): Promise<void> {
    stage.backend.fail('STORE_UNREACHABLE', 'create', 'stat');
    const store = await open(trust);
    await store.put(RPM, await fileOf('left'));
    expect(await store.flush(10_000)).toMatchObject({ left: 1 });
    await store.close();
    stage.backend.faults.clear();
    stage = { ...stage, journal: new RecordingJournal() };
  }

  it('uploads what this user left', async () => {
    await leaveUpload(NO_KEYS);
    expect(await (await open(NO_KEYS)).flush(10_000)).toMatchObject({ uploaded: 1, left: 0 });
  });

  it('does not upload what came with a cache folder from elsewhere', async () => {
    await leaveUpload(NO_KEYS);
    const store = await open(NO_KEYS, { XDG_STATE_HOME: await newFolder() });
    expect(await store.flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 0 });
    expect(await find(await open(NO_KEYS, { XDG_STATE_HOME: await newFolder() }))).toBeUndefined();
  });

  it('does not upload an item that was altered', async () => {
    await leaveUpload(NO_KEYS);
    const outbox = join(cache, 'pinpack/store/outbox');
    const [item = ''] = await readdir(outbox);
    await alterRecord((text) => text.replace('"a-key"', '"b-key"'), `pinpack/store/outbox/${item}`);
    expect(await (await open(NO_KEYS)).flush(10_000)).toEqual({ uploaded: 0, bytes: 0, left: 0, refused: 0 });
  });

  it.each([
    ['unsigned', NO_KEYS],
    ['signed by a revoked key', others.writer],
  ])(
    'refuses what is %s once keys are set: no reader would believe it, and nothing could replace it',
    async (_, trust) => {
      await leaveUpload(trust);
      expect(await (await open(mine.writer)).flush(10_000)).toMatchObject({ uploaded: 0, left: 0, refused: 1 });
      expect(stage.journal.warnings[0]).toMatch(/no signature|is not of a key/);
      await fillRemote(mine.writer, 'signed');
    },
  );

  it('takes no entries of a run that has public keys and cannot sign, but content', async () => {
    const store = await open(mine.reader);
    expect(store.canWrite).toBe(false);
    expect(await store.put(RPM, await fileOf('built'))).toBe('stored');
    expect(stage.journal.warnings[0]).toContain('entries of this run are not uploaded');
    await store.getOrProduce(sha256Of('wheel'), (path) => writeFile(path, 'wheel'));
    expect(await store.flush(10_000)).toEqual({ uploaded: 1, bytes: 5, left: 0, refused: 0 });
    expect(await find(store)).toBe('local: built');
  });
});
