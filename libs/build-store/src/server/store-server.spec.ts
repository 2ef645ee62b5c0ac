import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { contentOf } from '../backends/backend.fixture.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { HttpBackend } from '../backends/http-backend.js';
import { formatContentDigest } from '../backends/http-backend-protocol.js';
import { contentPath } from '../names/object-keys.js';
import { FaultyBackend, newFolder } from '../store/store.fixture.js';
import { Authenticator } from './authenticator.js';
import { NxClient } from './nx-client.fixture.js';
import { startServer, type RunningServer } from './server.fixture.js';
import { Sessions } from './sessions.js';

const PATH = 'v1/main/entries/nx/123';
const objectUrl = ({ url }: RunningServer, path = PATH) => `${url}/pinpack/v1/objects/${path}`;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function startFaulty(options: Parameters<typeof startServer>[0] = {}) {
  const backend = new FaultyBackend(new FolderBackend(await newFolder()));
  return { backend, running: await startServer({ ...options, backend }) };
}

/** A PUT whose body the test sends. */
function beginPut(running: RunningServer, size: number, headers: Record<string, string> = {}): ClientRequest {
  const { sha256 } = contentOf('x'.repeat(size));
  const all = {
    ...bearer(running.tokens.write),
    'Content-Length': size,
    'Content-Digest': formatContentDigest(sha256),
    'If-None-Match': '*',
    ...headers,
  };
  return ask(objectUrl(running), { method: 'PUT', headers: all }).on('error', () => undefined);
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer.resume();
}

describe('health and readiness', () => {
  test('are reported without a token', async () => {
    const { backend, running } = await startFaulty();
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
    expect((await fetch(`${running.url}/ready`)).status).toBe(200);
    for (let count = 0; count < 5; count += 1) await fetch(`${running.url}/ready`);
    // Queried at most once a second.
    expect(backend.calls.length).toBeLessThan(6);
  });

  test('a server whose store does not respond is alive and not ready', async () => {
    const { backend, running } = await startFaulty();
    backend.fail('STORE_UNREACHABLE', 'stat');
    expect((await fetch(`${running.url}/ready`)).status).toBe(503);
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
  });
});

describe('metrics and logs', () => {
  test('count requests without names, keys and tokens', async () => {
    const running = await startServer();
    const nx = new NxClient(running.url, running.tokens.write);
    await nx.get('123456');
    await nx.put('123456', 'x'.repeat(1000));
    await nx.get('123456');
    await fetch(objectUrl(running, 'v1/main/entries/nx/absent'), { headers: bearer(running.tokens.read) });
    await fetch(`${running.url}/pinpack/v1/objects/x`, { method: 'PATCH', headers: bearer('wrong') });
    expect((await fetch(`${running.url}/metrics`)).status).toBe(401);
    const text = await (await fetch(`${running.url}/metrics`, { headers: bearer(running.tokens.read) })).text();
    for (const line of [
      'pinpack_store_lookups_total{route="cache",result="hit"} 1',
      'pinpack_store_lookups_total{route="cache",result="miss"} 1',
      'pinpack_store_lookups_total{route="objects",result="miss"} 1',
      'pinpack_store_requests_total{route="cache",method="PUT",status="200"} 1',
      'pinpack_store_requests_total{route="objects",method="other",status="401"} 1',
      'pinpack_store_refusals_total{reason="unauthorized"} 2',
      'pinpack_store_bytes_total{direction="in"} 1000',
      'pinpack_store_requests_in_flight 1',
      'pinpack_store_request_seconds_count{route="cache",method="GET"} 2',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    for (const secret of ['123456', 'absent', ...Object.values(running.tokens)]) expect(text).not.toContain(secret);
  });

  test('need no token if they are configured as open', async () => {
    const running = await startServer({ config: { metrics: 'open' } });
    const answer = await fetch(`${running.url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await answer.text()).toContain('process_cpu_seconds_total');
  });

  test('each request has an id, and no token is logged', async () => {
    const running = await startServer({ config: { trustedProxies: ['127.0.0.1'] } });
    const headers = { ...bearer(running.tokens.pull), 'X-Request-Id': 'from-proxy', 'X-Forwarded-For': '203.0.113.9' };
    const answer = await fetch(`${objectUrl(running)}?token=${running.tokens.read}`, { headers });
    expect(answer.headers.get('x-request-id')).toBe('from-proxy');
    await answer.text();
    await running.close();
    expect(running.logged).toContainEqual(
      expect.objectContaining({
        id: 'from-proxy',
        route: 'objects',
        method: 'GET',
        path: `/pinpack/v1/objects/${PATH}`,
        status: 404,
        client: '203.0.113.9',
        who: 'token:pull',
      }),
    );
    for (const token of Object.values(running.tokens)) expect(running.log()).not.toContain(token);
  });

  test('an untrusted client cannot choose its ID or address', async () => {
    const running = await startServer();
    const headers = { 'X-Request-Id': 'mine', 'X-Forwarded-For': '203.0.113.9' };
    const answer = await fetch(objectUrl(running), { headers });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    await answer.text();
    await running.close();
    expect(running.logged.find(({ route }) => route === 'objects')).toMatchObject({ client: '127.0.0.1', status: 401 });
  });
});

describe('limits', () => {
  test('413 is sent before the body', async () => {
    const running = await startServer({ limits: { objectBytes: 1000 } });
    const waiting = beginPut(running, 1001, { Expect: '100-continue' });
    waiting.flushHeaders();
    expect((await answerTo(waiting)).statusCode).toBe(413);
    const sending = beginPut(running, 5e6);
    sending.write('x'.repeat(100));
    expect((await answerTo(sending)).statusCode).toBe(413);
    sending.destroy();
    const { tokens, url } = running;
    const backend = new HttpBackend({ kind: 'http', url }, tokens.write);
    await expect(backend.create(PATH, contentOf(randomBytes(5_000_000)))).rejects.toMatchObject({
      code: 'STORE_ANSWER_INVALID',
    });
    expect(await backend.create(PATH, contentOf(randomBytes(1000)))).toBe('created');
  });

  test("Nx's client gets a refusal that does not fail its task", async () => {
    const running = await startServer({ limits: { objectBytes: 1000 } });
    const nx = new NxClient(running.url, running.tokens.write);
    expect(await nx.put('1', randomBytes(1001))).toBe('refused');
    expect(await nx.put('1', randomBytes(1000))).toBe('stored');
  });

  test('too many requests per minute: 429 natively, misses and refusals for Nx', async () => {
    const running = await startServer({ limits: { requestsPerMinute: 3 } });
    const nx = new NxClient(running.url, running.tokens.write);
    expect(await nx.put('1', 'archive')).toBe('stored');
    expect(await nx.get('1')).toBe('archive');
    expect(await nx.get('1')).toBe('archive');
    expect(await nx.get('1')).toBeUndefined();
    expect(await nx.put('2', 'archive')).toBe('refused');
    const answer = await fetch(objectUrl(running), { headers: bearer(running.tokens.write) });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
    // The limit is per identity.
    expect(await new NxClient(running.url, running.tokens.read).get('1')).toBe('archive');
  });

  test('too many concurrent requests: 503 natively, a miss for Nx', async () => {
    const running = await startServer({ limits: { requests: 1, queueSeconds: 0 } });
    const first = beginPut(running, 10, { Expect: '100-continue' });
    first.flushHeaders();
    await once(first, 'continue');
    const answer = await fetch(objectUrl(running), { headers: bearer(running.tokens.read) });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await new NxClient(running.url, running.tokens.read).get('1')).toBeUndefined();
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
    first.end('x'.repeat(10));
    expect((await answerTo(first)).statusCode).toBe(201);
    expect((await fetch(objectUrl(running), { headers: bearer(running.tokens.read) })).status).toBe(200);
  });

  test('incomplete headers and a missing body end the connection', async () => {
    const limits = { headerSeconds: 1, requestSeconds: 2, idleSeconds: 1, backendSeconds: 1 };
    const running = await startServer({ limits });
    const port = Number(new URL(running.url).port);
    const open = (text: string): Socket => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      return socket
        .resume()
        .setNoDelay()
        .once('connect', () => socket.write(text));
    };
    const begun = open('GET /health HTTP/1.1\r\nX-');
    const silent = open(
      `PUT /v1/cache/1 HTTP/1.1\r\nAuthorization: Bearer ${running.tokens.write}\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf`,
    );
    await Promise.all([once(begun, 'close'), once(silent, 'close')]);
    expect(await new NxClient(running.url, running.tokens.write).get('1')).toBeUndefined();
  });
});

describe('a body', () => {
  test('that is cut off leaves no file', async () => {
    const running = await startServer();
    const put = beginPut(running, 1000, { Expect: '100-continue' });
    put.flushHeaders();
    await once(put, 'continue');
    const files = () =>
      readdirSync(running.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    put.write('x'.repeat(500));
    await expect.poll(files).toHaveLength(1);
    put.destroy();
    await new Promise((resolve) => put.once('close', resolve));
    await expect.poll(files).toEqual([]);
  });

  test.each([
    ['of another digest', { 'Content-Digest': formatContentDigest('ab'.repeat(32)) }, 400],
    ['without a digest', { 'Content-Digest': '' }, 400],
    ['that would overwrite', { 'If-None-Match': '"etag"' }, 428],
  ])('%s is refused', async (_, headers, status) => {
    const running = await startServer();
    const put = beginPut(running, 10, headers);
    put.end('x'.repeat(10));
    expect((await answerTo(put)).statusCode).toBe(status);
    expect((await fetch(objectUrl(running), { headers: bearer(running.tokens.read) })).status).toBe(404);
  });

  test('without a length is refused', async () => {
    const running = await startServer();
    const headers = { ...bearer(running.tokens.write), 'If-None-Match': '*', 'Transfer-Encoding': 'chunked' };
    const put = ask(objectUrl(running), { method: 'PUT', headers });
    put.end('x');
    expect((await answerTo(put)).statusCode).toBe(411);
  });

  test('of an existing object is not requested', async () => {
    const running = await startServer();
    const first = beginPut(running, 10);
    first.end('x'.repeat(10));
    expect((await answerTo(first)).statusCode).toBe(201);
    const second = beginPut(running, 10, { Expect: '100-continue' });
    second.flushHeaders();
    expect((await answerTo(second)).statusCode).toBe(412);
  });

  test.each(['POST', 'PATCH', 'OPTIONS'])('of %s is refused', async (method) => {
    const running = await startServer();
    expect((await fetch(objectUrl(running), { method, headers: bearer(running.tokens.write) })).status).toBe(405);
    expect((await fetch(`${running.url}/elsewhere`, { method })).status).toBe(404);
  });
});

describe('a store that fails behind the server', () => {
  test.each(['STORE_UNREACHABLE', 'STORE_FORBIDDEN', 'STORE_ANSWER_INVALID', 'STORE_LOCAL_FAILED'] as const)(
    '%s is a miss and a refusal for Nx, and reported natively',
    async (code) => {
      const { backend, running } = await startFaulty();
      const nx = new NxClient(running.url, running.tokens.write);
      expect(await nx.put('1', 'archive')).toBe('stored');
      backend.fail(code, 'read', 'download', 'create', 'stat');
      expect(await nx.get('1')).toBeUndefined();
      expect(await nx.put('2', 'archive')).toBe('refused');
      const client = new HttpBackend({ kind: 'http', url: running.url }, running.tokens.write);
      await expect(client.stat(PATH)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      const isReadOnly = code === 'STORE_FORBIDDEN';
      const refused = { code: isReadOnly ? 'STORE_FORBIDDEN' : 'STORE_UNREACHABLE' };
      await expect(client.create(PATH, contentOf('x'))).rejects.toMatchObject(refused);
      expect(running.log()).toContain(code);
    },
  );

  test('is not queried for each task, and errors of a branch do not affect others', async () => {
    const { backend, running } = await startFaulty();
    const pull = new NxClient(running.url, running.tokens.pull);
    const main = new NxClient(running.url, running.tokens.write);
    await main.put('1', 'archive');
    backend.fail('STORE_UNREACHABLE', 'read');
    for (let count = 0; count < 5; count += 1) expect(await pull.get('1')).toBeUndefined();
    expect(backend.calls.filter((call) => call.startsWith('read')).length).toBeLessThanOrEqual(4);
    backend.faults.clear();
    expect(await main.get('1')).toBe('archive');
    expect(await pull.get('1')).toBeUndefined();
  });
});

describe('shutdown', () => {
  test('finishes requests in progress, and accepts no more', async () => {
    const running = await startServer();
    const put = beginPut(running, 10, { Expect: '100-continue' });
    put.flushHeaders();
    await once(put, 'continue');
    const answered = answerTo(put);
    const closed = running.server.close();
    await expect(fetch(`${running.url}/health`)).rejects.toThrow();
    put.end('x'.repeat(10));
    expect((await answered).statusCode).toBe(201);
    expect(await closed).toBe(0);
    expect(Buffer.from((await new FolderBackend(running.folder).read(PATH, 100)) ?? []).toString()).toBe(
      'x'.repeat(10),
    );
  });

  test('cuts off requests at the deadline, and reports their number', async () => {
    const running = await startServer({ limits: { shutdownSeconds: 0 } });
    const put = beginPut(running, 10, { Expect: '100-continue' });
    put.flushHeaders();
    await once(put, 'continue');
    expect(await running.server.close()).toBe(1);
    expect(await new FolderBackend(running.folder).stat(PATH)).toBeUndefined();
  });
});

describe('encryption', () => {
  const [address] = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address: found }) => found);

  test.skipIf(address === undefined)(
    'a token sent unencrypted over the network is refused (skipped without a network)',
    async () => {
      const config = { listen: { host: '0.0.0.0', port: 0 }, trustedProxies: ['203.0.113.0/24'] };
      const running = await startServer({ config });
      const url = running.url.replace('0.0.0.0', address ?? '');
      const { status } = await fetch(`${url}/pinpack/v1/session`, { headers: bearer(running.tokens.write) });
      expect(status).toBe(403);
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect(await new NxClient(url, running.tokens.write).put('1', 'archive')).toBe('refused');
    },
  );

  test('TLS, with a certificate that is replaced at run time', async () => {
    const [first, second] = [makeCertificate('first'), makeCertificate('second')];
    const running = await startServer({ tls: first });
    const port = Number(new URL(running.url).port);
    const nameOf = async (): Promise<string | string[] | undefined> => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
      socket.end();
      return subject?.CN;
    };
    expect(running.url).toMatch(/^https:/);
    expect(await nameOf()).toBe('first');
    const authenticator = new Authenticator({ tokens: [], issuers: [] }, new Sessions(randomBytes(32), 60));
    running.server.reload({ authenticator, tls: second, trust: { publicKeys: [] } });
    expect(await nameOf()).toBe('second');
  });
});

function makeCertificate(name: string): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-tls-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', ...options, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

test('content of 64 MiB is uploaded and downloaded', async () => {
  const running = await startServer();
  const backend = new HttpBackend({ kind: 'http', url: running.url }, running.tokens.write);
  const piece = randomBytes(1 << 20);
  const bytes = Buffer.concat(Array.from({ length: 64 }, () => piece));
  const content = contentOf(bytes);
  const path = contentPath('main', content.sha256);
  expect(await backend.create(path, content)).toBe('created');
  const file = join(running.folder, 'got');
  expect(await backend.download(path, file)).toEqual({ size: bytes.length, sha256: content.sha256 });
});
