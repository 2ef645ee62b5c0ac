// Property tests of the HTTP server: whatever bytes arrive on a connection, the server answers with a documented status or closes the connection, keeps
// serving, and stores only what a writer sent whole. PINPACK_FUZZ_RUNS sets the number of cases.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { fuzzParameters } from '@pinpack/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import { verifyStore } from '../maintenance/verify-store.js';
import { NxClient } from './nx-client.fixture.js';
import { startServerForAll, type RunningServer } from './server.fixture.js';

const PARAMETERS = fuzzParameters(200);
const RUNS = PARAMETERS.numRuns;
const TIMEOUT_MS = Math.max(120_000, RUNS * 100);
const LIMIT = 20_000;
const DEADLINE_MS = 30_000;
const PATIENCE_MS = 20;
const ARCHIVE = 'the archive';

let running: RunningServer;

beforeAll(async () => {
  const limits = {
    ...{ objectBytes: LIMIT, requestsPerMinute: 1_000_000, headerSeconds: 2, requestSeconds: 5, idleSeconds: 2 },
    ...{ backendSeconds: 2, rateSeconds: 1, queueSeconds: 1 },
  };
  running = await startServerForAll({ limits });
  expect(await new NxClient(running.url, running.tokens.write).put('stored', ARCHIVE)).toBe('stored');
});
afterAll(() => running.close());

/** Sends pieces, and ends the connection if the server does not. @returns the first bytes of the response */
async function exchange(pieces: Uint8Array[], endsAfterMs?: number): Promise<string> {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
  socket.setTimeout(DEADLINE_MS, () =>
    socket.destroy(new Error('the server neither answers nor closes the connection')),
  );
  socket.on('connect', () => {
    for (const piece of pieces) socket.write(piece);
    // An end aborts a request in progress, and what is not complete does not become so.
    if (endsAfterMs !== undefined) setTimeout(() => socket.end(), endsAfterMs);
  });
  let answer = '';
  try {
    for await (const piece of socket) if (answer.length < 1000) answer += (piece as Buffer).toString('latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET' && (error as NodeJS.ErrnoException).code !== 'EPIPE')
      throw error;
  }
  return answer;
}

function expectAnswer(answer: string): void {
  if (answer === '') return;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
  expect(status, answer).toBeGreaterThanOrEqual(100);
  // 503: too many at once. Any other 5xx is a bug.
  if (status >= 500) expect([501, 503], answer).toContain(status);
}

async function expectServing(): Promise<void> {
  expect(await new NxClient(running.url, running.tokens.read).get('stored')).toBe(ARCHIVE);
}

const word = fc.string({
  unit: fc.constantFrom(...'abAB09 \t:;,=/%.-_"\\\0\r\n\u007f\u00ff'.split('')),
  maxLength: 40,
});
const target = fc.oneof(
  fc.constantFrom(
    '/v1/cache/stored',
    '/v1/cache/a',
    '/pinpack/v1/objects',
    '/pinpack/v1/session',
    '/health',
    '*',
    '/v1/cache/',
  ),
  fc.constantFrom(
    '/pinpack/v1/objects/v1/main/entries/nx/a',
    '/pinpack/v1/objects?prefix=v1/main/',
    'http://x/v1/cache/stored',
  ),
  word.map((text) => `/v1/cache/${text}`),
  word.map((text) => `/pinpack/v1/objects/${text}`),
  word,
);
const method = fc.oneof(fc.constantFrom('GET', 'PUT', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'), word);
const header = fc.oneof(
  fc.constantFrom(
    'Content-Length: 3',
    'Content-Length: 0',
    'Content-Length: -1',
    'Content-Length: 99999999999999999999',
  ),
  fc.constantFrom(
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Expect: 100-continue',
    'Expect: x',
  ),
  fc.constantFrom(
    'Connection: close',
    'Connection: upgrade',
    'Upgrade: websocket',
    'If-None-Match: *',
    'Host: x',
    'Host: y',
  ),
  fc.constantFrom(
    'Content-Digest: sha-256=::',
    'X-Forwarded-For: 1.2.3.4',
    'Range: bytes=0-1',
    'Authorization: Bearer x',
  ),
  fc.constant('TOKEN'),
  fc.tuple(word, word).map(([name, value]) => `${name}: ${value}`),
);
const body = fc.oneof(fc.constantFrom('', 'abc', '3\r\nabc\r\n0\r\n\r\n', '0\r\n\r\n', 'ffffffffffffffffff\r\n'), word);
const request = fc
  .tuple(
    method,
    target,
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', ''),
    fc.array(header, { maxLength: 6 }),
    body,
  )
  .map(
    ([verb, path, version, headers, content]) =>
      `${verb} ${path} ${version}\r\n${[...headers, ''].join('\r\n')}\r\n${content}`,
  );

it(
  'answers or closes any connection, and goes on serving',
  async () => {
    const bytes = fc.oneof(
      { weight: 5, arbitrary: fc.array(request, { minLength: 1, maxLength: 3 }).map((all) => all.join('')) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((all) => Buffer.from(all).toString('latin1')) },
    );
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom('read', 'write', 'pull', 'maintain'),
        fc.nat(),
        async (text, who, cut) => {
          const all = Buffer.from(text.replaceAll('TOKEN', `Authorization: Bearer ${running.tokens[who]}`), 'latin1');
          const at = cut % (all.length + 1);
          expectAnswer(await exchange([all.subarray(0, at), all.subarray(at)], PATIENCE_MS));
        },
      ),
      PARAMETERS,
    );
    await expectServing();
    expect(
      (await verifyStore(new FolderBackend(running.folder))).findings.filter(({ path }) => path.includes('/nx/')),
    ).toEqual([]);
  },
  TIMEOUT_MS,
);

it(
  'stores an archive exactly if it came whole, with any length and in any pieces',
  async () => {
    let count = 0;
    const sizes = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: LIMIT - 2, max: LIMIT + 2 }));
    const archive = fc.tuple(
      sizes,
      fc.integer({ min: -2, max: 2 }),
      fc.array(fc.nat(), { maxLength: 4 }),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(archive, async ([size, off, cuts, isChunked]) => {
        const content = randomBytes(size);
        const hash = `hash${count++}`;
        const announced = Math.max(0, size + off);
        const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${announced}`;
        const head = `PUT /v1/cache/${hash} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${running.tokens.write}\r\n${framing}\r\n\r\n`;
        const sent = isChunked ? chunked(content, cuts) : pieces(content, cuts);
        const isCut = !isChunked && announced > size;
        const answer = await exchange([Buffer.from(head), ...sent], isCut ? PATIENCE_MS : undefined);
        expectAnswer(answer);
        const stored = isChunked ? content : content.subarray(0, announced);
        const found = await fetch(`${running.url}/v1/cache/${hash}`, {
          headers: { Authorization: `Bearer ${running.tokens.read}` },
        });
        const bytes = Buffer.from(await found.arrayBuffer());
        if (found.status === 200) expect(bytes.equals(stored)).toBe(true);
        // What follows a body makes the connection invalid, before the archive is stored or after.
        if (!isChunked && announced < size) return;
        const isWhole = stored.length > 0 && stored.length <= LIMIT && !isCut;
        expect(found.status).toBe(isWhole ? 200 : 404);
        if (isWhole) expect(answer.slice(0, 12)).toBe('HTTP/1.1 200');
      }),
      PARAMETERS,
    );
  },
  TIMEOUT_MS,
);

/** Cut at the places, which are taken modulo the length. */
function pieces(content: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (content.length + 1)), content.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => content.subarray(places[index], end));
}

function chunked(content: Buffer, cuts: number[]): Buffer[] {
  const chunks = pieces(content, cuts).map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
  );
  return [...chunks, Buffer.from('0\r\n\r\n')];
}
