import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectBackend } from '../backends/backend.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { tryClaim } from '../content/claim.js';
import { generateSigningKeys, parsePublicKey, parseSigningKey } from '../entry/signature.js';
import type { Trust } from '../entry/trust.js';
import { contentPath, entryPath, type Namespace } from '../names/object-keys.js';
import { EntryStore } from '../store/entry-store.js';
import { FaultyBackend, fileOf, newFolder, sha256Of } from '../store/store.fixture.js';
import { collectGarbage } from './collect-garbage.js';
import { listEntries, sumStore } from './list-store.js';
import { removeLeftovers } from '../store/remove-leftovers.js';
import { verifyStore } from './verify-store.js';

const DAY_MS = 24 * 60 * 60_000;
const now = new Date();
const ago = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
const inDays = (days: number): Date => ago(-days);
const keys = generateSigningKeys();
const trust: Trust = {
  publicKeys: [parsePublicKey(keys.publicKey, 'test')],
  signingKey: parseSigningKey(keys.privateKey, 'test'),
};

let folder: string;
let backend: FolderBackend;

beforeEach(async () => {
  folder = await newFolder();
  backend = new FolderBackend(folder);
});

interface Put {
  key: string;
  content: string;
  namespace?: Namespace;
  /** Days since it was used. */
  unused?: number;
  trust?: Trust;
}

async function put({ key, content, namespace = 'main', unused = 0, trust: own }: Put): Promise<void> {
  const digested = { size: content.length, sha256: sha256Of(content) };
  const store = new EntryStore(backend, namespace, own);
  await store.put({ kind: 'rpm', key, fileName: `${key}.rpm`, attachments: {}, ...digested }, await fileOf(content));
  for (const path of [entryPath(namespace, 'rpm', key), contentPath(namespace, digested.sha256)]) {
    await utimes(join(folder, path), ago(unused), ago(unused));
  }
}

async function overwrite(path: string, content: string): Promise<void> {
  await chmod(join(folder, path), 0o644);
  await writeFile(join(folder, path), content);
}

const recordOf = (key: string, namespace: Namespace = 'main'): string => entryPath(namespace, 'rpm', key);
const contentOf = (content: string, namespace: Namespace = 'main'): string => contentPath(namespace, sha256Of(content));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function objects(): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of backend.list('v1/')) found.push(path);
  return found.sort();
}

describe('collectGarbage', () => {
  it('removes by age what was not used: records, content, and content that no record names', async () => {
    await put({ key: 'old', content: 'old', unused: 40 });
    await put({ key: 'young', content: 'young', unused: 20 });
    await put({ key: 'gone', content: 'lone', unused: 40 });
    await rm(join(folder, recordOf('gone')));
    const report = await collectGarbage(folder, { maxAgeMs: 30 * DAY_MS, now });
    expect(await objects()).toEqual([recordOf('young'), contentOf('young')].sort());
    expect(report.removed).toMatchObject({ entries: 1, contents: 2 });
    expect(report.kept).toMatchObject({ entries: 1, contents: 1 });
  });

  it('removes by size what was not used for longest, and stops when it fits', async () => {
    for (const [index, content] of ['a', 'b', 'c'].entries()) {
      await put({ key: content, content: content.repeat(100_000), unused: 9 - index });
    }
    const report = await collectGarbage(folder, { maxBytes: 250_000, now });
    expect(report.kept.bytes).toBeLessThanOrEqual(250_000);
    expect((await objects()).filter((path) => path.includes('entries'))).toEqual([recordOf('b'), recordOf('c')]);
  });

  it('keeps content that a kept record names, though it was not read for long', async () => {
    await put({ key: 'first', content: 'shared', unused: 40 });
    await put({ key: 'second', content: 'shared', unused: 1 });
    await put({ key: 'branch', content: 'main has it', unused: 40 });
    await put({ key: 'own', content: 'main has it', namespace: 'branch/a-0', unused: 1 });
    await rm(join(folder, contentOf('main has it', 'branch/a-0')));
    const report = await collectGarbage(folder, { maxAgeMs: 30 * DAY_MS, now });
    expect(report.removed).toEqual({ entries: 0, contents: 0, bytes: 0 });
    expect(await objects()).toContain(contentOf('shared'));
    expect(await objects()).toContain(contentOf('main has it'));
  });

  it('removes records whose content is gone or which are none', async () => {
    for (const key of ['gone', 'broken', 'good']) await put({ key, content: key });
    await rm(join(folder, contentOf('gone')));
    await overwrite(recordOf('broken'), '{');
    const { removed } = await collectGarbage(folder, { now });
    expect(removed).toMatchObject({ entries: 2, contents: 0 });
    expect(await objects()).toEqual([contentOf('broken'), contentOf('good'), recordOf('good')].sort());
  });

  it('leaves what a run may be copying from, whatever the limits', async () => {
    await put({ key: 'fresh', content: 'fresh' });
    await collectGarbage(folder, { maxBytes: 0, maxAgeMs: 0, now });
    expect(await objects()).toHaveLength(2);
    await collectGarbage(folder, { maxBytes: 0, now: inDays(1) });
    expect(await objects()).toEqual([]);
  });

  it('knows nothing to do in a folder that is not there', async () => {
    const nothing = { entries: 0, contents: 0, bytes: 0 };
    const report = await collectGarbage(join(folder, 'none'), { maxBytes: 0, now });
    expect(report).toEqual({ kept: nothing, removed: nothing, leftovers: 0 });
  });
});

describe('removeLeftovers', () => {
  beforeEach(async () => {
    for (const name of ['spool', 'outbox', 'claims', 'runs/1']) await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, 'spool/unfinished.tmp'), '');
    await writeFile(join(folder, 'spool/waiting.content'), '');
    await writeFile(join(folder, 'outbox/waiting.json'), '{}');
    await writeFile(join(folder, 'runs/1/events.jsonl'), '');
    const dead = { host: 'elsewhere', processes: '', pid: 1, started: '' };
    await symlink(JSON.stringify(dead), join(folder, 'claims/of-another-machine'));
    await symlink('nonsense', join(folder, 'claims/of-nobody'));
  });

  it('leaves what is younger than a day', async () => {
    expect(await removeLeftovers(folder, now)).toBe(1);
    expect(await readdir(join(folder, 'claims'))).toEqual(['of-another-machine']);
    expect(await readdir(join(folder, 'spool'))).toHaveLength(2);
  });

  it('removes what is older', async () => {
    expect(await removeLeftovers(folder, inDays(2))).toBe(6);
    for (const name of ['spool', 'outbox', 'claims', 'runs']) expect(await readdir(join(folder, name))).toEqual([]);
  });

  it('leaves what a living process is at', async () => {
    const claim = await tryClaim(join(folder, 'claims/outbox-waiting'));
    await removeLeftovers(folder, inDays(2));
    expect(await readdir(join(folder, 'claims'))).toEqual(['outbox-waiting']);
    expect(await readdir(join(folder, 'spool'))).toEqual(['waiting.content']);
    claim?.release();
  });
});

// The same through an interface that isn't known to be a folder: contents are then downloaded.
describe.each([
  ['a folder', () => backend],
  ['a remote', () => new FaultyBackend(backend)],
])('verifyStore of %s', (_, open: () => ObjectBackend) => {
  it('finds nothing wrong in what was put', async () => {
    await put({ key: 'a', content: 'aaa' });
    await put({ key: 'b', content: 'bbb', namespace: 'branch/a-0' });
    expect(await verifyStore(open())).toEqual({ contents: 2, records: 2, bytes: 6, findings: [] });
  });

  const damages: [string, (path: { record: string; content: string }) => Promise<void>, RegExp, string[]][] = [
    ['a flipped bit', ({ content }) => overwrite(content, 'aab'), /is damaged: 3 bytes/, ['content', 'record']],
    ['a cut content', ({ content }) => overwrite(content, 'a'), /is damaged: 1 bytes/, ['content', 'record']],
    ['content that is gone', ({ content }) => rm(join(folder, content)), /its content is gone/, ['record']],
    [
      'a record that is none',
      ({ record }) => overwrite(record, '{"kind":1}'),
      /is not a record of pinpack/,
      ['record'],
    ],
    [
      'a record of another key',
      async ({ record }) => overwrite(record, await readFile(join(folder, recordOf('good')), 'utf8')),
      /the record of another entry, main, rpm good/,
      ['record'],
    ],
  ];
  it.each(damages)('finds %s, and removes it when asked', async (_name, damage, message, gone) => {
    await put({ key: 'good', content: 'good' });
    const paths = { record: recordOf('a'), content: contentOf('aaa') };
    await put({ key: 'a', content: 'aaa' });
    await damage(paths);
    const before = await objects();
    const told = await verifyStore(open());
    expect(told.findings.map(({ problem }) => problem).join('\n')).toMatch(message);
    expect(told.findings.map(({ path }) => path).sort()).toEqual(
      gone.map((name) => paths[name as keyof typeof paths]).sort(),
    );
    expect(await objects()).toEqual(before);
    await verifyStore(open(), { isRepair: true });
    expect(await objects()).toEqual(before.filter((path) => !told.findings.some((finding) => finding.path === path)));
    expect((await verifyStore(open())).findings).toEqual([]);
  });

  it('finds what the public keys did not sign', async () => {
    await put({ key: 'signed', content: 'signed', trust });
    await put({ key: 'unsigned', content: 'unsigned' });
    const { findings } = await verifyStore(open(), { trust });
    expect(findings).toMatchObject([{ path: recordOf('unsigned'), isRemoved: false }]);
    expect(findings[0]?.problem).toContain('no signature');
  });

  it('leaves what is not of the layout', async () => {
    await mkdir(join(folder, 'v1/main'), { recursive: true });
    await writeFile(join(folder, 'v1/main/notes.txt'), '');
    const { findings } = await verifyStore(open(), { isRepair: true });
    expect(findings).toEqual([
      { path: 'v1/main/notes.txt', problem: 'not an object of a store: nothing reads it', isRemoved: false },
    ]);
  });
});

describe('listEntries and sumStore', () => {
  it('list what is there', async () => {
    await put({ key: 'a', content: 'aaa' });
    await put({ key: 'b', content: 'bbb', namespace: 'branch/a-0' });
    await put({ key: 'c', content: 'ccc' });
    await overwrite(recordOf('c'), 'x');
    const found = await collect(listEntries(backend));
    expect(
      found.map(({ key, record, problem }) => [key, record?.fileName ?? /not JSON/.exec(problem ?? '')?.[0]]),
    ).toEqual(
      expect.arrayContaining([
        ['a', 'a.rpm'],
        ['b', 'b.rpm'],
        ['c', 'not JSON'],
      ]),
    );
    expect(await collect(listEntries(backend, { namespace: 'branch/a-0' }))).toHaveLength(1);
    expect(await collect(listEntries(backend, { kind: 'nx' }))).toEqual([]);
    const size = (await stat(join(folder, recordOf('a')))).size;
    expect(await sumStore(backend)).toEqual([
      { namespace: 'main', entries: { nx: 0, wheel: 0, rpm: 2 }, contents: 2, bytes: size + 1 + 6 },
      expect.objectContaining({ namespace: 'branch/a-0', contents: 1 }),
    ]);
  });
});
