// What one client can take from the others: places, connections, disk.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../backends/backend.fixture.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { HttpBackend } from '../backends/http-backend.js';
import { QuotaFolder } from '../maintenance/quota-folder.js';
import { contentPath } from '../names/object-keys.js';
import { FaultyBackend, hang, newFolder } from '../store/store.fixture.js';
import { NxClient } from './nx-client.fixture.js';
import { startServer, type RunningServer } from './server.fixture.js';

const slowLimits = { bodyBytesPerSecond: 1024, rateSeconds: 1 };

function rawRequest(running: RunningServer, text: string): Socket {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1').on('error', () => undefined);
  return socket.once('connect', () => socket.write(text));
}

/** A PUT whose body does not come. */
function silentPut(running: RunningServer, key: string, token = running.tokens.write): ClientRequest {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Length': 100_000 };
  const put = ask(`${running.url}/v1/cache/${key}`, { method: 'PUT', headers, agent: false }).on(
    'error',
    () => undefined,
  );
  put.write('abc');
  return put;
}

async function inFlight(running: RunningServer): Promise<number> {
  const headers = { Authorization: `Bearer ${running.tokens.maintain}` };
  const text = await (await fetch(`${running.url}/metrics`, { headers })).text();
  return Number(/requests_in_flight (\d+)/.exec(text)?.[1]);
}

describe('a writer whose bodies never come', () => {
  test('takes no places of readers, neither of others nor its own', async () => {
    const running = await startServer({ limits: { requests: 16, requestsPerIdentity: 8, queueSeconds: 1 } });
    const nx = new NxClient(running.url, running.tokens.write);
    expect(await nx.put('1', 'archive')).toBe('stored');
    const puts = Array.from({ length: 40 }, (_, index) => silentPut(running, `slow${index}`));
    await expect.poll(() => inFlight(running)).toBeGreaterThan(8);
    for (const who of ['read', 'write', 'pull'] as const) {
      expect(await new NxClient(running.url, running.tokens[who]).get('1')).toBe('archive');
    }
    // A pull request can write while the other identity's uploads wait.
    expect(await new NxClient(running.url, running.tokens.pull).put('2', 'archive')).toBe('stored');
    for (const put of puts) put.destroy();
  });

  test('is disconnected, and others get its place', async () => {
    const limits = { ...slowLimits, requests: 2, queueSeconds: 60 };
    const running = await startServer({ limits });
    const put = silentPut(running, 'slow');
    await expect.poll(() => inFlight(running)).toBe(2);
    expect(await new NxClient(running.url, running.tokens.write).put('1', 'archive')).toBe('stored');
    await expect.poll(() => running.log()).toContain('slow body');
    await expect.poll(() => put.destroyed).toBe(true);
    expect(await new NxClient(running.url, running.tokens.write).get('slow')).toBeUndefined();
  });

  test('is disconnected without a valid token as well, also on routes that do not exist', async () => {
    const running = await startServer({ limits: slowLimits });
    const head = 'Host: x\r\nAuthorization: Bearer wrong\r\nContent-Length: 100000\r\n\r\nabc';
    for (const path of ['/v1/cache/1', '/elsewhere', '/pinpack/v1/session']) {
      const socket = rawRequest(running, `PUT ${path} HTTP/1.1\r\n${head}`).resume();
      await once(socket, 'close');
    }
  });
});

describe('the rate of a body', () => {
  test('is not measured while the server does not read: the store is slow, or the client waits to be asked', async () => {
    const backend = new FaultyBackend(new FolderBackend(await newFolder()));
    const running = await startServer({ backend, limits: { ...slowLimits, requests: 1, queueSeconds: 60 } });
    const later = () => new Promise<never>((_, reject) => setTimeout(reject, 2500, new Error('later')));
    backend.faults.set('read', later);
    const slow = new NxClient(running.url, running.tokens.pull).get('1');
    await expect.poll(() => backend.calls.length).toBe(1);
    const waiting = ask(`${running.url}/v1/cache/2`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${running.tokens.write}`, 'Content-Length': 7, Expect: '100-continue' },
    });
    waiting.flushHeaders();
    await once(waiting, 'continue');
    expect(await slow).toBeUndefined();
    backend.faults.clear();
    waiting.end('archive');
    const [answer] = (await once(waiting, 'response')) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(200);
  });

  test('is measured for responses too: a reader that takes nothing is disconnected', async () => {
    const running = await startServer({ limits: slowLimits });
    const nx = new NxClient(running.url, running.tokens.write);
    expect(await nx.put('1', randomBytes(20_000_000))).toBe('stored');
    const head = `GET /v1/cache/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${running.tokens.write}\r\n\r\n`;
    const socket = rawRequest(running, head);
    socket.pause();
    await expect.poll(() => running.log(), { timeout: 30_000 }).toContain('slow body');
    socket.destroy();
  });
});

describe('more requests than places', () => {
  test('wait for their turn', async () => {
    const running = await startServer({ limits: { requests: 4, requestsPerIdentity: 2, queueSeconds: 60 } });
    const clients = Array.from({ length: 30 }, (_, index) => index);
    const results = await Promise.all(
      clients.map(async (index) => {
        const nx = new NxClient(running.url, running.tokens.write);
        return [await nx.put(`${index}`, `archive ${index}`), await nx.get(`${index}`)];
      }),
    );
    expect(results).toEqual(clients.map((index) => ['stored', `archive ${index}`]));
  });

  test('are refused at the deadline: a miss for Nx, and 503 with Retry-After natively', async () => {
    const backend = new FaultyBackend(new FolderBackend(await newFolder()));
    const running = await startServer({ backend, limits: { requests: 1, queueSeconds: 1 } });
    backend.faults.set('read', hang);
    const hanging = rawRequest(
      running,
      `GET /v1/cache/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${running.tokens.read}\r\n\r\n`,
    );
    await expect.poll(() => backend.calls.length).toBe(1);
    const nx = new NxClient(running.url, running.tokens.write);
    expect([await nx.get('1'), await nx.put('1', 'archive')]).toEqual([undefined, 'refused']);
    const native = await fetch(`${running.url}/pinpack/v1/session`, {
      headers: { Authorization: `Bearer ${running.tokens.write}` },
    });
    expect([native.status, native.headers.get('retry-after')]).toEqual([503, '1']);
    hanging.destroy();
  });
});

describe('a disk quota', () => {
  test('removes what was not used for longest, and keeps what readers have open', async () => {
    const backend = new QuotaFolder(await newFolder(), 10_000_000);
    const running = await startServer({ backend });
    const nx = new NxClient(running.url, running.tokens.write);
    const archive = randomBytes(3_000_000);
    for (const key of ['a', 'b', 'c'])
      expect(await nx.put(key, Buffer.concat([archive, Buffer.from(key)]))).toBe('stored');
    const native = new HttpBackend({ kind: 'http', url: running.url }, running.tokens.read);
    const path = contentPath('main', contentOf(Buffer.concat([archive, Buffer.from('b')])).sha256);
    const open = await fetch(`${running.url}/pinpack/v1/objects/${path}`, {
      headers: { Authorization: `Bearer ${running.tokens.read}` },
    });
    expect(await nx.get('a')).toBeDefined();
    expect(await nx.put('d', Buffer.concat([archive, Buffer.from('d')]))).toBe('stored');
    expect(await nx.put('e', Buffer.concat([archive, Buffer.from('e')]))).toBe('stored');
    expect((await open.arrayBuffer()).byteLength).toBe(3_000_001);
    const found = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(async (key) => (await nx.get(key)) !== undefined));
    expect(found.at(-1)).toBe(true);
    expect(found.filter(Boolean).length).toBeLessThanOrEqual(3);
    let bytes = 0;
    for await (const { size } of backend.list('v1/')) bytes += size;
    expect(bytes).toBeLessThanOrEqual(10_000_000);
    expect(await native.stat(path)).toBeUndefined();
  });
});
