import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startServerForAll, type RunningServer } from '../server/server.fixture.js';
import { contentOf, describeBackend } from './backend.fixture.js';
import { HttpBackend } from './http-backend.js';
import { formatContentDigest, parseContentDigest } from './http-backend-protocol.js';
import { parseObjectLines } from './http-backend-list.js';

let running: RunningServer;

beforeAll(async () => {
  running = await startServerForAll();
});
afterAll(async () => {
  await running.close();
});

function backendOf(token: string | undefined): HttpBackend {
  return new HttpBackend({ kind: 'http', url: running.url }, token);
}

describeBackend('a server over a folder', () => backendOf(running.tokens.maintain));

describe('what a token may not', () => {
  const path = 'v1/main/entries/rpm/abc';

  test('an unknown token and none may nothing', async () => {
    for (const token of ['pinpack_wrong', undefined]) {
      const backend = backendOf(token);
      const refused = { code: 'STORE_FORBIDDEN', message: expect.stringContaining('PINPACK_STORE_TOKEN') as string };
      await expect(backend.read(path, 10)).rejects.toMatchObject(refused);
      await expect(backend.create(path, contentOf('x'))).rejects.toMatchObject(refused);
      await expect(backend.stat(path)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
    }
  });

  test('a reader may not write, a writer may not remove', async () => {
    const reader = backendOf(running.tokens.read);
    await expect(reader.create(path, contentOf('x'))).rejects.toMatchObject({
      code: 'STORE_FORBIDDEN',
      message: expect.stringContaining('this token may read main') as string,
    });
    expect(await reader.stat(path)).toBeUndefined();
    const writer = backendOf(running.tokens.write);
    expect(await writer.create(path, contentOf('first'))).toBe('created');
    await expect(writer.remove(path)).rejects.toMatchObject({ code: 'STORE_FORBIDDEN' });
    expect(await writer.create(path, contentOf('second'))).toBe('exists');
    expect(Buffer.from((await reader.read(path, 10)) ?? []).toString()).toBe('first');
  });

  test('no message has the token', async () => {
    const token = 'pinpack_notfoundanywhere';
    const error = await backendOf(token)
      .read(path, 10)
      .catch((found: unknown) => found);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error)).not.toContain(token);
    expect(running.log()).not.toContain(token);
  });
});

describe('what is no such server', () => {
  async function startStranger(listener: RequestListener): Promise<HttpBackend> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return new HttpBackend(
      { kind: 'http', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      'secret',
    );
  }
  const own = { 'Pinpack-Store': 'v1' };

  test('a 404 of another server is not a miss', async () => {
    const backend = await startStranger((_, response) => response.writeHead(404).end('nothing'));
    await expect(backend.read('v1/main/x', 10)).rejects.toMatchObject({
      code: 'STORE_ANSWER_INVALID',
      message: expect.stringContaining('not from a pinpack-store server') as string,
    });
  });

  test('a redirect is not followed, so that the token stays where it belongs', async () => {
    const asked: string[] = [];
    const backend = await startStranger((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(307, { Location: '/elsewhere' }).end();
    });
    await expect(backend.read('v1/main/x', 10)).rejects.toMatchObject({ code: 'STORE_ANSWER_INVALID' });
    expect(asked).toEqual(['/pinpack/v1/objects/v1/main/x']);
  });

  test.each([500, 502, 503, 504])('%i of a proxy is a store that is not reached', async (status) => {
    const backend = await startStranger((_, response) => response.writeHead(status).end('<html>'));
    await expect(backend.stat('v1/main/x')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  test('a body that is cut off is not taken for whole', async () => {
    const backend = await startStranger((_, response) => {
      response.writeHead(200, { ...own, 'Content-Length': 100 });
      response.write('only this');
      setImmediate(() => response.destroy());
    });
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-cut-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await expect(backend.read('v1/main/x', 1000)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect(backend.download('v1/main/x', join(folder, 'file'))).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    });
  });

  test('a busy server is asked again, and not for ever', async () => {
    let asked = 0;
    const backend = await startStranger((_, response) => {
      asked += 1;
      response.writeHead(asked % 3 === 0 ? 200 : 503, { ...own, 'Retry-After': '0' }).end('ok');
    });
    expect(Buffer.from((await backend.read('v1/main/x', 10)) ?? []).toString()).toBe('ok');
    expect(asked).toBe(3);
    const always = await startStranger((_, response) => {
      asked += 1;
      response.writeHead(429, { ...own, 'Retry-After': '0' }).end();
    });
    await expect(always.read('v1/main/x', 10)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(asked).toBe(6);
  });

  test('nobody listens', async () => {
    const backend = new HttpBackend({ kind: 'http', url: 'http://127.0.0.1:1' }, undefined);
    await expect(backend.stat('v1/main/x')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });
});

describe('a list of objects', () => {
  const parse = async (...pieces: string[]) => {
    async function* body() {
      for (const piece of pieces) yield await Promise.resolve(Buffer.from(piece));
    }
    const found = [];
    for await (const facts of parseObjectLines(body(), 'list')) found.push(facts);
    return found;
  };
  const line = '{"path":"v1/main/é","size":3,"modified":"2026-01-02T03:04:05.000Z"}\n';

  test('comes in any pieces', async () => {
    const facts = { path: 'v1/main/é', size: 3, modified: new Date('2026-01-02T03:04:05Z') };
    for (let cut = 0; cut <= line.length; cut += 1) {
      expect(await parse(line.slice(0, cut), line.slice(cut) + line)).toEqual([facts, facts]);
    }
  });

  test.each(['no json\n', '{"path":1}\n', 'null\n', line.trim(), 'x'.repeat(5000)])('%j is none', async (text) => {
    await expect(parse(text)).rejects.toMatchObject({ code: 'STORE_ANSWER_INVALID' });
  });
});

test('a digest goes into a header and back', () => {
  const sha256 = 'ab'.repeat(32);
  const header = formatContentDigest(sha256);
  expect(header).toBe('sha-256=:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=:');
  expect(parseContentDigest(header)).toBe(sha256);
  expect(parseContentDigest(`sha-512=:AAAA:, ${header}`)).toBe(sha256);
  for (const bad of [undefined, '', 'sha-256=:short:', header.replace('sha-256', 'md5')]) {
    expect(parseContentDigest(bad)).toBeUndefined();
  }
});
