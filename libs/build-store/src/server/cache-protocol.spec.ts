import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EventEmitter, once } from 'node:events';
import { gunzipSync, gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../content/digest.js';
import { IN_MEMORY } from '../store/store.js';
import {
  bearerToken,
  CACHE_SERVER_OPTIONS,
  createCacheListener,
  isSameToken,
  type CacheListenerOptions,
  type CacheStore,
} from './cache-protocol.js';

const TOKEN = 'a-token';
let folder: string;
let server: Server;
let url: string;
let released: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-protocol-'));
  released = 0;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function release(): Promise<void> {
  released++;
  return Promise.resolve();
}

/** Frames of entries that were taken apart. */
const kept = new Map<string, Record<string, string>>();

/** Small content as bytes, as a store gives it. */
async function contentAt(path: string): Promise<string | Uint8Array> {
  const { size } = await stat(path);
  return size > IN_MEMORY ? path : readFile(path);
}

/** Entries as files of a folder. */
function folderStore(changes: Partial<CacheStore> = {}): CacheStore {
  const pathOf = (key: string) => join(folder, `entry-${key}`);
  return {
    canWrite: true,
    getArchive: async (key) =>
      (await readdir(folder)).includes(`entry-${key}`)
        ? { content: await contentAt(pathOf(key)), release, record: { attachments: kept.get(key) ?? {} } }
        : undefined,
    temporaryFile: async () => {
      await mkdir(join(folder, 'spool'), { recursive: true });
      return join(folder, 'spool', randomUUID());
    },
    put: async ({ key, attachments }, source, options) => {
      kept.set(key, attachments);
      if (options?.content !== undefined) expect(options.content).toEqual(await digestOf(source));
      if (typeof source === 'string') await rename(source, pathOf(key));
      else await writeFile(pathOf(key), source);
      return 'stored';
    },
    ...changes,
  };
}

async function serve(store: CacheStore, options: Partial<CacheListenerOptions> = {}): Promise<void> {
  const authorize: CacheListenerOptions['authorize'] = (request) =>
    isSameToken(bearerToken(request), TOKEN) ? { store } : 'unauthorized';
  const listener = createCacheListener({ authorize, ...options });
  server = createServer(CACHE_SERVER_OPTIONS, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/cache`;
}

const headers = { Authorization: `Bearer ${TOKEN}` };
const get = (key: string) => fetch(`${url}/${key}`, { headers });
const put = (key: string, body: Uint8Array<ArrayBuffer>) => fetch(`${url}/${key}`, { method: 'PUT', headers, body });
const putInChunks = (key: string, body: Uint8Array<ArrayBuffer>) =>
  fetch(`${url}/${key}`, { method: 'PUT', headers, body: new Blob([body]).stream(), duplex: 'half' });

async function spooled(): Promise<string[]> {
  return readdir(join(folder, 'spool')).catch(() => []);
}

describe('an entry', () => {
  it('is returned unchanged, with its length', async () => {
    await serve(folderStore());
    const content = randomBytes(3_000_000);
    expect((await put('1234', content)).status).toBe(200);
    const answer = await get('1234');
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '3000000']);
    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    expect(await spooled()).toEqual([]);
    await expect.poll(() => released).toBe(1);
  });

  it('that was not put is a miss', async () => {
    await serve(folderStore());
    expect((await get('1234')).status).toBe(404);
  });

  it.each(['a.b', 'a%2Fb', '9'.repeat(129), '..'])(
    'with the invalid key %s is neither stored nor found',
    async (key) => {
      await serve(folderStore());
      expect((await get(key)).status).toBe(404);
      expect((await put(key, Buffer.from('x'))).status).toBeOneOf([403, 404]);
      expect((await readdir(folder)).filter((name) => name.startsWith('entry'))).toEqual([]);
    },
  );

  it('is sent to many clients at once', async () => {
    await serve(folderStore());
    const content = randomBytes(200_000);
    await put('1', content);
    const answers = await Promise.all(Array.from({ length: 32 }, async () => (await get('1')).arrayBuffer()));
    expect(answers.every((answer) => content.equals(Buffer.from(answer)))).toBe(true);
    await expect.poll(() => released).toBe(32);
  });
});

describe.each([
  ['taken apart in memory', put],
  // Without an announced length.
  ['taken apart through files', putInChunks],
] as const)('an archive %s', (_how, send) => {
  /** A gzipped tar of these files, as Nx makes it, by their names. */
  async function archiveOf(files: Record<string, Buffer>): Promise<Buffer<ArrayBuffer>> {
    const source = join(folder, `files-${randomUUID()}`);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(source, name)), { recursive: true });
      await writeFile(join(source, name), content);
    }
    const { stdout } = await execa('tar', ['-c', '-C', source, ...Object.keys(files)], { encoding: 'buffer' });
    return Buffer.from(gzipSync(stdout));
  }

  /** The response, and the content that is stored. */
  async function roundTrip(archive: Buffer<ArrayBuffer>): Promise<{ got: Buffer; stored: Buffer }> {
    await serve(folderStore());
    expect((await send('1', archive)).status).toBe(200);
    const answer = await get('1');
    const got = Buffer.from(await answer.arrayBuffer());
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(got.length)]);
    expect(await spooled()).toEqual([]);
    return { got, stored: await readFile(join(folder, 'entry-1')) };
  }

  const rpm = randomBytes(300_001);
  /** As an RPM with many small files, whose header is long. @param share - that gzip saves */
  const compressible = (magic: string, share: number): Buffer =>
    Buffer.concat([Buffer.from(magic, 'hex'), randomBytes(1_000_000 * (1 - share)), Buffer.alloc(1_000_000 * share)]);

  it.each([
    ['an RPM', 'edabeedb'],
    ['a wheel', '504b0304'],
  ])('of %s that gzip makes smaller is stored as it, as executors keep it', async (_name, magic) => {
    const content = compressible(magic, 0.4);
    const archive = await archiveOf({ 'dist/a': content, code: Buffer.from('0') });
    const { got, stored } = await roundTrip(archive);
    expect(stored.equals(content)).toBe(true);
    expect(gunzipSync(got).equals(gunzipSync(archive))).toBe(true);
  });

  it.each<[string, Record<string, Buffer>]>([
    [
      'a package and its facts',
      { 'dist/rpms/a.rpm': rpm, 'dist/digests/a.json': Buffer.from('{}'), code: Buffer.from('0') },
    ],
    ['a long name', { [`dist/${'long/'.repeat(40)}${'name'.repeat(30)}.rpm`]: rpm }],
    ['two packages, the larger one last', { 'a.rpm': randomBytes(30_000), 'b.rpm': rpm }],
    ['nothing beside the package', { 'a.rpm': rpm }],
  ])('of %s is stored as the largest file, and returned as the same tar, stored', async (_name, files) => {
    const archive = await archiveOf(files);
    const { got, stored } = await roundTrip(archive);
    expect(stored.equals(rpm)).toBe(true);
    expect(got.equals(archive)).toBe(false);
    expect(gunzipSync(got).equals(gunzipSync(archive))).toBe(true);
    expect(got.length).toBeLessThan(gunzipSync(archive).length + 100);
    const listed = await execa('tar', ['-tz'], { input: got });
    expect(listed.stdout.split('\n')).toEqual(Object.keys(files));
  });

  it.each<[string, () => Promise<Buffer<ArrayBuffer>>]>([
    ['that gzip makes smaller', () => archiveOf({ 'a.js': Buffer.alloc(1_000_000, 'a') })],
    ['that gzip makes smaller by a third', () => archiveOf({ 'a.js': compressible('2f2f2f2f', 0.3) })],
    ['of an RPM that gzip makes smaller than half', () => archiveOf({ 'a.rpm': compressible('edabeedb', 0.7) })],
    ['with several large files', () => archiveOf({ 'a.rpm': rpm, 'b.rpm': randomBytes(200_000) })],
    ['with small files only', () => archiveOf({ code: Buffer.from('0') })],
    ['that is cut off', async () => (await archiveOf({ 'a.rpm': rpm })).subarray(0, 200_000)],
    ['that ends within a file', () => Promise.resolve(Buffer.from(gzipSync(Buffer.alloc(512, '7'))))],
    ['of something else', () => Promise.resolve(Buffer.from(gzipSync(rpm)))],
    ['that is no gzip file', () => Promise.resolve(Buffer.from(rpm))],
  ])('%s is stored and returned as it is', async (_name, make) => {
    const archive = await make();
    const { got, stored } = await roundTrip(archive);
    expect(got.equals(archive)).toBe(true);
    expect(stored.equals(archive)).toBe(true);
  });

  it.each<[string, (text: string) => string]>([
    ['another frame', (text) => text.replace(/"deflated":"../, '"deflated":"AA')],
    ['another digest', (text) => text.replace(/"sha256":"../, '"sha256":"zz')],
    ['an offset behind it', (text) => text.replace(/"offset":\d+/, '"offset":9999999')],
    ['a later format', (text) => text.replace('"format":1', '"format":2')],
    ['no JSON', () => '{'],
  ])('whose frame is damaged is a miss: %s', async (_name, damage) => {
    const { stored } = await roundTrip(await archiveOf({ 'a.rpm': rpm }));
    expect(stored.equals(rpm)).toBe(true);
    kept.set('1', { archive: damage(kept.get('1')?.archive ?? '') });
    expect((await get('1')).status).toBe(404);
  });
});

describe('a large body', () => {
  const large = randomBytes(2 * IN_MEMORY);
  let sources: string[];

  /** Its store waits before it answers. */
  async function serveSlowly(memory: number, wait = Promise.resolve()): Promise<void> {
    sources = [];
    const put: CacheStore['put'] = async (_facts, source) => {
      sources.push(typeof source);
      await wait;
      return 'stored';
    };
    await serve(folderStore({ put }), { memory });
  }

  it('is a file without memory for it', async () => {
    await serveSlowly(large.length - 1);
    await put('1', large);
    expect(sources).toEqual(['string']);
  });

  it('is held in memory as long as there is some, which it gives back', async () => {
    const gate = new EventEmitter();
    await serveSlowly(
      large.length + 1,
      once(gate, 'open').then(() => undefined),
    );
    const first = put('1', large);
    await expect.poll(() => sources).toEqual(['object']);
    const second = put('2', large);
    await expect.poll(() => sources).toEqual(['object', 'string']);
    gate.emit('open');
    await Promise.all([first, second]);
    await put('3', large);
    expect(sources).toEqual(['object', 'string', 'object']);
  });

  it('gives its memory back if it is cut off', async () => {
    await serveSlowly(large.length);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `PUT /v1/cache/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: ${large.length}\r\n\r\nabc`,
    );
    const probe = async (): Promise<string | undefined> => {
      await put('2', large);
      return sources.at(-1);
    };
    await expect.poll(probe).toBe('string');
    socket.destroy();
    await expect.poll(probe).toBe('object');
  });
});

describe('permissions', () => {
  it.each([{}, { Authorization: 'Bearer another' }, { Authorization: TOKEN }, { Authorization: `Bearer ${TOKEN}x` }])(
    '%j is refused',
    async (wrong: Record<string, string>) => {
      await serve(folderStore());
      expect((await fetch(`${url}/1`, { headers: wrong })).status).toBe(401);
      expect((await fetch(`${url}/1`, { headers: wrong, method: 'PUT', body: 'x' })).status).toBe(401);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('without write access: a PUT gets 403 before its body', async () => {
    await serve(folderStore({ canWrite: false }));
    const request = httpRequest(`${url}/1`, { method: 'PUT', headers: { ...headers, 'Content-Length': 1_000_000 } });
    request.flushHeaders();
    const [response] = (await once(request, 'response')) as [{ statusCode: number }];
    expect(response.statusCode).toBe(403);
    expect(await spooled()).toEqual([]);
    request.destroy();
  });

  it('are denied if the authorization fails', async () => {
    await serve(folderStore(), { authorize: () => Promise.reject(new Error('down')) });
    expect((await get('1')).status).toBe(401);
  });
});

describe('errors', () => {
  it('of the store are misses for GET and 403 for PUT', async () => {
    const fault = () => Promise.reject(new Error('a fault'));
    await serve(folderStore({ getArchive: fault, put: fault }));
    expect((await get('1')).status).toBe(404);
    expect((await put('1', Buffer.from('x'))).status).toBe(403);
    expect(await spooled()).toEqual([]);
  });

  it('of opening the file of a hit are a miss, and the hit is released', async () => {
    await serve(
      folderStore({
        getArchive: () => Promise.resolve({ content: join(folder, 'gone'), release, record: { attachments: {} } }),
      }),
    );
    expect((await get('1')).status).toBe(404);
    await expect.poll(() => released).toBe(1);
  });

  it('a body that is cut off is not stored', async () => {
    await serve(folderStore());
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `PUT /v1/cache/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 3000000\r\n\r\nabc`,
    );
    await expect.poll(spooled).toHaveLength(1);
    socket.destroy();
    await expect.poll(spooled).toEqual([]);
    expect((await get('1')).status).toBe(404);
  });

  it('a body over the limit is 403, with and without a declared length', async () => {
    await serve(folderStore(), { sizeLimit: 1000 });
    expect((await put('1', Buffer.alloc(1001))).status).toBe(403);
    const body = new ReadableStream({
      start(controller) {
        for (let chunk = 0; chunk < 11; chunk++) controller.enqueue(Buffer.alloc(100));
        controller.close();
      },
    });
    const answer = await fetch(`${url}/1`, { method: 'PUT', headers, body, duplex: 'half' });
    expect(answer.status).toBe(403);
    expect((await put('1', Buffer.alloc(1000))).status).toBe(200);
    expect(await spooled()).toEqual([]);
  });

  it('with an unwritable spool, the body is read to its end and not stored', async () => {
    await serve(folderStore({ temporaryFile: () => Promise.resolve(join(folder, 'nowhere/file')) }));
    expect((await put('1', randomBytes(20_000_000))).status).toBe(403);
  });

  it('other methods get 404', async () => {
    await serve(folderStore());
    expect((await fetch(`${url}/1`, { method: 'DELETE', headers })).status).toBe(404);
    expect((await fetch(url.replace('/cache', '/other'), { headers })).status).toBe(404);
  });
});
