// Conformance with the "Nx custom remote cache specification", OpenAPI 3.0, version 1.0.0 (nx.dev, "Self-hosted caching"): every answer to GET and
// PUT of /v1/cache/{hash} is one of the documented responses, and of these only those that Nx's client bears.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import { NxClient } from './nx-client.fixture.js';
import { startServerForAll, type RunningServer } from './server.fixture.js';

/** `responses` of the document. `Content-Length` is a required header of PUT. */
const DOCUMENTED: Record<string, Record<number, string>> = {
  PUT: {
    200: 'Successfully uploaded the output',
    401: 'Missing or invalid authentication token.',
    403: 'Access forbidden. (e.g. read-only token used to write)',
    409: 'Cannot override an existing record',
  },
  GET: { 200: 'Successfully retrieved cache artifact', 403: 'Access forbidden', 404: 'The record was not found' },
};
/** Nx's client fails the run or the task on the other documented responses. */
const BORNE: Record<string, number[]> = { PUT: [200, 403, 409], GET: [200, 404] };

const LIMIT = 100_000;
const STORED = Buffer.from('the stored archive');
const OTHER = Buffer.from('another archive');

let running: RunningServer;
let count = 0;

beforeAll(async () => {
  running = await startServerForAll({ limits: { objectBytes: LIMIT, requestsPerMinute: 100_000 } });
  expect(await new NxClient(running.url, running.tokens.write).put('stored', STORED)).toBe('stored');
});
afterAll(() => running.close());

type Caller = keyof RunningServer['tokens'] | 'wrong' | 'nobody';

function authorization(caller: Caller): string {
  if (caller === 'nobody') return '';
  const token = caller === 'wrong' ? 'pinpack_wrong' : running.tokens[caller];
  return `Authorization: Bearer ${token}\r\n`;
}

/** Sends bytes as they are, and returns status, headers and body of the response; status 0 if the connection ends without one. */
async function send(bytes: Buffer, isEnded = false): Promise<{ status: number; head: string; body: Buffer }> {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
  socket.on('connect', () => (isEnded ? socket.end(bytes) : socket.write(bytes)));
  const pieces: Buffer[] = [];
  try {
    for await (const piece of socket) pieces.push(piece as Buffer);
  } catch {
    // Reset after the response.
  }
  const all = Buffer.concat(pieces);
  const end = all.indexOf('\r\n\r\n');
  const head = all.subarray(0, Math.max(0, end)).toString('latin1');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: all.subarray(end + 4) };
}

const LENGTHS = {
  'its length': (body: Buffer) => [`Content-Length: ${body.length}\r\n`, body],
  'no length': () => ['', Buffer.alloc(0)],
  'the length 0': () => ['Content-Length: 0\r\n', Buffer.alloc(0)],
  chunks: (body: Buffer) => ['Transfer-Encoding: chunked\r\n', chunked(body)],
  'chunks without content': () => ['Transfer-Encoding: chunked\r\n', chunked(Buffer.alloc(0))],
  'a length over the limit': (body: Buffer) => [`Content-Length: ${LIMIT + 1}\r\n`, body],
} satisfies Record<string, (body: Buffer) => [string, Buffer]>;

function chunked(body: Buffer): Buffer {
  const end = Buffer.from('0\r\n\r\n');
  return body.length === 0
    ? end
    : Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n'), end]);
}

function put(hash: string, caller: Caller, length: keyof typeof LENGTHS, body: Buffer) {
  const [header, bytes] = LENGTHS[length](body);
  const head = `PUT /v1/cache/${hash} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${authorization(caller)}${header}\r\n`;
  return send(Buffer.concat([Buffer.from(head), bytes]));
}

function get(hash: string, caller: Caller) {
  return send(
    Buffer.from(`GET /v1/cache/${hash} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${authorization(caller)}\r\n`),
  );
}

function expectDocumented(method: string, { status, head, body }: Awaited<ReturnType<typeof send>>): void {
  expect(Object.keys(DOCUMENTED[method] ?? {}).map(Number)).toContain(status);
  expect(BORNE[method]).toContain(status);
  if (status === 200) return;
  expect(head.toLowerCase()).toContain('content-type: text/plain');
  expect(body.length).toBeGreaterThan(0);
}

describe('PUT', () => {
  const everyone: Caller[] = ['write', 'maintain', 'pull', 'read', 'wrong', 'nobody'];
  const mayWrite = ['write', 'maintain', 'pull'];
  for (const caller of everyone) {
    const expected = mayWrite.includes(caller);
    it.each<[string, keyof typeof LENGTHS, number, boolean]>([
      ['new content', 'its length', expected ? 200 : 403, expected],
      ['new content', 'chunks', expected ? 200 : 403, expected],
      ['no content', 'no length', 403, false],
      ['no content', 'the length 0', 403, false],
      ['no content', 'chunks without content', 403, false],
      ['new content', 'a length over the limit', 403, false],
    ])(`by ${caller}: %s with %s is %i`, async (_, length, status, isStored) => {
      const hash = `hash${count++}`;
      const answer = await put(hash, caller, length, STORED);
      expectDocumented('PUT', answer);
      expect(answer.status).toBe(status);
      const found = await get(hash, isStored ? caller : 'write');
      expect(found.status).toBe(isStored ? 200 : 404);
      if (isStored) expect(found.body.equals(STORED)).toBe(true);
    });
  }

  it('of the same content again is 200, and of other content 409; the first stays', async () => {
    expect((await put('stored', 'write', 'its length', STORED)).status).toBe(200);
    const other = await put('stored', 'write', 'its length', OTHER);
    expectDocumented('PUT', other);
    expect(other.status).toBe(409);
    expect((await put('stored', 'read', 'its length', OTHER)).status).toBe(403);
    expect((await get('stored', 'write')).body.equals(STORED)).toBe(true);
  });

  it('by 16 writers of one hash: 200 for those with the content that stays, 409 for the others', async () => {
    const [first, second] = [randomBytes(90_000), randomBytes(90_000)];
    const bodies = Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? first : second));
    const statuses = await Promise.all(
      bodies.map(async (body) => (await put('race', 'write', 'its length', body)).status),
    );
    const { body: kept } = await get('race', 'write');
    expect(statuses).toEqual(bodies.map((body) => (body.equals(kept) ? 200 : 409)));
  });

  it('over the limit in chunks is 403', async () => {
    const answer = await put('large', 'write', 'chunks', randomBytes(LIMIT + 1));
    expectDocumented('PUT', answer);
    expect([answer.status, (await get('large', 'write')).status]).toEqual([403, 404]);
  });
});

describe('GET', () => {
  it.each<[Caller, string, number]>([
    ['write', 'stored', 200],
    ['read', 'stored', 200],
    ['pull', 'stored', 200],
    ['write', 'absent', 404],
    // Nx fails the run on 401 and 403: without a valid token, the cache looks empty.
    ['wrong', 'stored', 404],
    ['nobody', 'stored', 404],
  ])('by %s of %s is %i', async (caller, hash, status) => {
    const answer = await get(hash, caller);
    expectDocumented('GET', answer);
    expect(answer.status).toBe(status);
    if (status !== 200) return;
    expect(answer.head.toLowerCase()).toContain('content-type: application/octet-stream');
    expect(answer.head.toLowerCase()).toContain(`content-length: ${STORED.length}`);
    expect(answer.body.equals(STORED)).toBe(true);
  });
});

describe('a request that two parties may read differently', () => {
  const line = (method: string, target: string): string =>
    `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
  const cases: [string, () => string, number[]][] = [
    [
      'Content-Length and Transfer-Encoding',
      () =>
        `${line('PUT', '/v1/cache/s1')}${authorization('write')}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      [400],
    ],
    [
      'two Content-Length',
      () => `${line('PUT', '/v1/cache/s2')}${authorization('write')}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
      [400],
    ],
    [
      'two equal Content-Length',
      () => `${line('PUT', '/v1/cache/s3')}${authorization('write')}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`,
      [400],
    ],
    [
      'a Content-Length that is no number',
      () => `${line('PUT', '/v1/cache/s4')}${authorization('write')}Content-Length: +3\r\n\r\nabc`,
      [400],
    ],
    [
      'an unknown Transfer-Encoding',
      () =>
        `${line('PUT', '/v1/cache/s5')}${authorization('write')}Transfer-Encoding: xchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      [400],
    ],
    [
      'an invalid chunk size',
      () =>
        `${line('PUT', '/v1/cache/s6')}${authorization('write')}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
      [400, 0],
    ],
    [
      'two Authorization headers',
      () => `${line('GET', '/v1/cache/stored')}${authorization('wrong')}${authorization('write')}\r\n`,
      [404],
    ],
    [
      'two Authorization headers, the valid one first',
      () => `${line('GET', '/v1/cache/stored')}${authorization('write')}${authorization('wrong')}\r\n`,
      [404],
    ],
    [
      'another host in the request line',
      () => `${line('GET', 'http://evil/v1/cache/stored')}${authorization('write')}\r\n`,
      [404],
    ],
    ['a NUL in the path', () => `${line('GET', '/v1/cache/sto\0red')}${authorization('write')}\r\n`, [400]],
    ['an unknown method', () => `${line('FOO', '/v1/cache/stored')}${authorization('write')}\r\n`, [400]],
    [
      'a folded header',
      () => `${line('GET', '/v1/cache/stored')}Authorization: Bearer\r\n ${running.tokens.write}\r\n\r\n`,
      [400, 404],
    ],
    ['a path with dots', () => `${line('GET', '/v1/cache/../cache/stored')}${authorization('write')}\r\n`, [404]],
    ['an encoded path', () => `${line('GET', '/v1/cache/%73tored')}${authorization('write')}\r\n`, [404]],
    ['a query', () => `${line('GET', '/v1/cache/stored?x=1')}${authorization('write')}\r\n`, [404]],
  ];
  it.each(cases)('%s is refused', async (_, text, statuses) => {
    const { status } = await send(Buffer.from(text(), 'latin1'));
    expect(statuses).toContain(status);
  });

  it('stores nothing', async () => {
    for (const hash of ['s1', 's2', 's3', 's4', 's5', 's6']) expect((await get(hash, 'write')).status).toBe(404);
  });

  it('whose body is cut off stores nothing', async () => {
    const head = `${line('PUT', '/v1/cache/cut')}${authorization('write')}Content-Length: 1000\r\n\r\nabc`;
    expect([0, 400]).toContain((await send(Buffer.from(head), true)).status);
    expect((await get('cut', 'write')).status).toBe(404);
  });

  it('does not hide a second request in the body of the first', async () => {
    const hidden = `GET /v1/cache/stored HTTP/1.1\r\nHost: x\r\n${authorization('write')}\r\n`;
    const head = `PUT /v1/cache/hidden HTTP/1.1\r\nHost: x\r\n${authorization('nobody')}Content-Length: ${hidden.length}\r\nConnection: close\r\n\r\n`;
    const { status, body } = await send(Buffer.from(head + hidden));
    expect(status).toBe(403);
    expect(body.includes(STORED)).toBe(false);
  });
});

it('leaves no temporary files', async () => {
  const paths: string[] = [];
  for await (const { path } of new FolderBackend(running.folder).list('')) paths.push(path);
  expect(paths.filter((path) => path.includes('.tmp'))).toEqual([]);
});
