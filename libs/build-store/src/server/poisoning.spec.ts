// CVE-2025-36852: a pull request that can write to a shared cache stores an archive for a hash that the main branch will request. The specs try this
// through every part of the server's API, and with write access to the storage itself.
import { createPublicKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { contentOf } from '../backends/backend.fixture.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { HttpBackend } from '../backends/http-backend.js';
import { formatContentDigest } from '../backends/http-backend-protocol.js';
import { encodeRecord, type EntryRecord } from '../entry/record.js';
import { generateSigningKeys, parseSigningKey, signFacts } from '../entry/signature.js';
import { branchNamespace, contentPath, entryPath, type Namespace } from '../names/object-keys.js';
import { EntryStore } from '../store/entry-store.js';
import { NxClient } from './nx-client.fixture.js';
import { SCOPES, startServer, type RunningServer } from './server.fixture.js';

const HASH = '12345678901234567890';
const POISON = 'poison';
const PULL = branchNamespace(SCOPES.pull.branch);

const signingKey = parseSigningKey(generateSigningKeys().privateKey, 'test');
const trust = { signingKey, publicKeys: [createPublicKey(signingKey)] };

let running: RunningServer;
const nx = (who: keyof typeof SCOPES) => new NxClient(running.url, running.tokens[who]);
const native = (who: keyof typeof SCOPES) => new HttpBackend({ kind: 'http', url: running.url }, running.tokens[who]);

beforeEach(async () => {
  running = await startServer({ trust });
});

function recordOf(namespace: Namespace, key = HASH): EntryRecord {
  const { sha256, size } = contentOf(POISON);
  return { kind: 'nx', key, namespace, sha256, size, fileName: '', attachments: {}, created: new Date().toISOString() };
}

describe('a pull request writes the hash that main will ask for, before main does', () => {
  test("by Nx's protocol: main misses, another branch misses, the pull request hits", async () => {
    expect(await nx('pull').put(HASH, POISON)).toBe('stored');
    expect(await nx('write').get(HASH)).toBeUndefined();
    expect(await nx('read').get(HASH)).toBeUndefined();
    expect(await nx('other').get(HASH)).toBeUndefined();
    expect(await nx('pull').get(HASH)).toBe(POISON);
  });

  test('main then writes its own archive, which all others get and nobody can replace', async () => {
    await nx('pull').put(HASH, POISON);
    expect(await nx('write').put(HASH, 'good')).toBe('stored');
    expect(await nx('write').get(HASH)).toBe('good');
    expect(await nx('other').get(HASH)).toBe('good');
    await nx('write').put(HASH, POISON);
    await nx('other').put(HASH, POISON);
    expect(await nx('write').get(HASH)).toBe('good');
    expect(await nx('read').get(HASH)).toBe('good');
  });

  test('a reader stores nothing', async () => {
    expect(await nx('read').put(HASH, POISON)).toBe('refused');
    expect(await nx('read').get(HASH)).toBeUndefined();
  });
});

describe("a pull request writes main's namespace by the native API", () => {
  test.each(['pull', 'other', 'read'] as const)('%s cannot write it', async (who) => {
    const record = contentOf(encodeRecord(recordOf('main')));
    const refused = { code: 'STORE_FORBIDDEN' };
    await expect(native(who).create(entryPath('main', 'nx', HASH), record)).rejects.toMatchObject(refused);
    const content = contentOf(POISON);
    await expect(native(who).create(contentPath('main', content.sha256), content)).rejects.toMatchObject(refused);
    await expect(native(who).remove(entryPath('main', 'nx', HASH))).rejects.toMatchObject(refused);
    expect(await nx('write').get(HASH)).toBeUndefined();
  });

  test.each([
    'v1/branch/x/../../main/entries/nx/1',
    'v1/branch/x/%2e%2e/%2e%2e/main/entries/nx/1',
    'v1/branch/x/..%2f..%2fmain/entries/nx/1',
    '/v1/main/entries/nx/1',
    'v1//main/entries/nx/1',
    'V1/main/entries/nx/1',
    'v1/main\\entries/nx/1',
  ])('nor with the path %s', async (path) => {
    const { sha256, size } = contentOf(POISON);
    const headers = {
      Authorization: `Bearer ${running.tokens.pull}`,
      'If-None-Match': '*',
      'Content-Length': size,
      'Content-Digest': formatContentDigest(sha256),
    };
    // fetch would straighten the path before it's sent.
    const status = await new Promise((resolve, reject) => {
      const sent = request(running.url, { method: 'PUT', path: `/pinpack/v1/objects/${path}`, headers });
      sent.on('response', (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on('error', reject).end(POISON);
    });
    expect([400, 403]).toContain(status);
    const written = [];
    for await (const { path: found } of new FolderBackend(running.folder).list('v1/')) written.push(found);
    expect(written).toEqual([]);
  });

  test("it can neither read nor write another branch's namespace", async () => {
    const path = entryPath(branchNamespace(SCOPES.other.branch), 'nx', HASH);
    await native('other').create(path, contentOf('theirs'));
    await expect(native('pull').read(path, 100)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
    await expect(native('pull').stat(path)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
    await expect(native('write').read(path, 100)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
    await expect(native('pull').create(path, contentOf('mine'))).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
    const list = async (prefix: string) => {
      for await (const { path: found } of native('pull').list(prefix)) return found;
      return undefined;
    };
    for (const prefix of ['', 'v1/', 'v1/branch/', 'v1/branch/org-app-13-'])
      await expect(list(prefix)).rejects.toMatchObject({ name: 'StoreError' });
  });

  test('a record of main in its own namespace is rejected by all readers', async () => {
    const content = contentOf(POISON);
    await native('pull').create(contentPath(PULL, content.sha256), content);
    await native('pull').create(entryPath(PULL, 'nx', HASH), contentOf(encodeRecord(recordOf('main'))));
    expect(await nx('write').get(HASH)).toBeUndefined();
    expect(await nx('pull').get(HASH)).toBeUndefined();
  });

  test('content that does not match its digest is refused', async () => {
    const path = contentPath(PULL, contentOf('good').sha256);
    await expect(native('pull').create(path, contentOf(POISON))).rejects.toMatchObject({
      code: 'STORE_CONTENT_DIFFERS',
    });
    expect(await native('pull').stat(path)).toBeUndefined();
  });
});

describe('someone with write access to the storage, but without the key', () => {
  const misuse = async (record: EntryRecord) => {
    const backend = new FolderBackend(running.folder);
    const content = contentOf(POISON);
    await backend.create(contentPath(record.namespace, content.sha256), content);
    await backend.create(entryPath(record.namespace, record.kind, record.key), contentOf(encodeRecord(record)));
  };
  const readNatively = () => {
    const entries = new EntryStore(native('read'), 'main', { publicKeys: trust.publicKeys });
    return entries.get('nx', HASH, join(running.folder, 'got'));
  };

  test.each([
    ['an unsigned record', () => recordOf('main')],
    [
      "a record with another key's signature",
      () => {
        const other = parseSigningKey(generateSigningKeys().privateKey, 'other');
        return { ...recordOf('main'), signature: signFacts(recordOf('main'), other) };
      },
    ],
    [
      'the signature of another entry',
      () => ({ ...recordOf('main'), signature: signFacts(recordOf('main', 'another'), signingKey) }),
    ],
    [
      "the signature that a pull request's entry has, in main",
      () => ({ ...recordOf('main'), signature: signFacts(recordOf(PULL), signingKey) }),
    ],
  ])('writes %s into main, which is refused by readers with the public key', async (_, make) => {
    await misuse(make());
    expect(await nx('write').get(HASH)).toBeUndefined();
    await expect(readNatively()).rejects.toMatchObject({ code: 'STORE_SIGNATURE_INVALID' });
    expect(running.log()).toContain('STORE_SIGNATURE_INVALID');
  });

  test('changes the content of a signed entry, which readers reject', async () => {
    await nx('write').put(HASH, 'good!!');
    const backend = new FolderBackend(running.folder);
    const file = backend.pathOf(contentPath('main', contentOf('good!!').sha256));
    expect(await readFile(file, 'utf8')).toBe('good!!');
    await backend.remove(contentPath('main', contentOf('good!!').sha256));
    await writeFile(file, POISON);
    expect(await nx('write').get(HASH)).toBeUndefined();
    await expect(readNatively()).rejects.toMatchObject({ code: 'STORE_CONTENT_DIFFERS' });
  });
});

test('readers with the public key accept an entry that the server signed', async () => {
  await nx('write').put(HASH, 'good');
  const entries = new EntryStore(native('read'), 'main', { publicKeys: trust.publicKeys });
  expect(await entries.get('nx', HASH, join(running.folder, 'got'))).toMatchObject({ namespace: 'main', key: HASH });
  expect(await readFile(join(running.folder, 'got'), 'utf8')).toBe('good');
});

test('an entry of a key that was revoked is a miss after a reload', async () => {
  await nx('write').put(HASH, 'good');
  const next = parseSigningKey(generateSigningKeys().privateKey, 'next');
  const { authenticator } = running;
  const reload = (publicKeys = [createPublicKey(next)]) => {
    running.server.reload({ authenticator, tls: undefined, trust: { signingKey: next, publicKeys } });
  };
  reload();
  expect(await nx('write').get(HASH)).toBeUndefined();
  expect(await nx('write').put(HASH, 'good')).toBe('refused');
  reload([createPublicKey(next), ...trust.publicKeys]);
  expect(await nx('write').get(HASH)).toBe('good');
});
