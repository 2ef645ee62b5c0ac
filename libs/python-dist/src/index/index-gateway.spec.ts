/** The gateway's answers to uv, and to others. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { request as send } from 'node:http';
import { DEFAULT_LIMITS, type Limits } from '../limits/limits.js';
import { encodeWheel, type FixtureWheel } from '../wheel/wheel.fixture.js';
import { bytes, html, json, serve, status, type Answer } from './index-client.fixture.js';
import { IndexClient } from './index-client.js';
import { indexesAt } from './index-configuration.js';
import { IndexGateway } from './index-gateway.js';

const NAME = 'demo-1.0-py3-none-any.whl';
const KEPT = 'max-age=31536000, immutable';
const METADATA = 'Metadata-Version: 2.1\nName: Demo\nVersion: 1.0\n';

beforeEach(() => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

async function gatewayOf(answers: Record<string, Answer>, limits: Partial<Limits> = {}) {
  const { origin, asked } = await serve(answers);
  const configuration = indexesAt(`${origin.replace('//', '//user:secret@')}/simple`);
  const index = IndexClient.of(configuration, { limits: { ...DEFAULT_LIMITS, ...limits }, firstPause: 1 });
  const gateway = await IndexGateway.start(index);
  onTestFinished(() => gateway.stop());
  const { UV_DEFAULT_INDEX: simple = '', HTTP_PROXY: proxy = '' } = gateway.environment;
  return { gateway, origin, asked, simple, proxy: new URL(proxy) };
}

interface Found {
  status: number;
  body: string;
  /** `cache-control` */
  caching: string | undefined;
  etag: string | undefined;
}

/** Requests a URL through a proxy, as uv does. */
function through(
  proxy: URL,
  url: string,
  { password = proxy.password, ...more }: { password?: string; 'if-none-match'?: string } = {},
): Promise<Found> {
  const authorization = `Basic ${Buffer.from(`${proxy.username}:${password}`).toString('base64')}`;
  const headers = { 'proxy-authorization': authorization, ...more };
  return new Promise((resolve, reject) => {
    send({ host: proxy.hostname, port: proxy.port, path: url, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        const { 'cache-control': caching, etag } = response.headers;
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString(), caching, etag });
      });
    })
      .on('error', reject)
      .end();
  });
}

const link = `<a href="../../files/${NAME}" data-requires-python="&gt;=3.8">x</a>`;

/** Serves a file with or without ranges. */
function ranged(data: Buffer, isRanged: boolean): Answer {
  return (response, { headers }) => {
    const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
    if (!isRanged || headers.range === undefined) return void response.end(data);
    const start = from === '' ? Math.max(0, data.length - Number(to)) : Number(from);
    const end = from === '' ? data.length : Math.min(data.length, Number(to) + 1);
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${data.length}` });
    response.end(data.subarray(start, end));
  };
}

async function metadataThrough(wheel: FixtureWheel, isRanged = true, limits: Partial<Limits> = {}) {
  const answers = { '/simple/demo/': html(link), [`/files/${NAME}`]: ranged(encodeWheel(wheel), isRanged) };
  const { gateway, simple, proxy } = await gatewayOf(answers, limits);
  const page = JSON.parse((await through(proxy, `${simple}/demo/`)).body) as { files: { url: string }[] };
  const found = await through(proxy, `${page.files[0]?.url ?? ''}.metadata`);
  return { ...found, rejected: gateway.rejected };
}

test('pages have no URL of the index, and the fields that uv needs', async () => {
  const { simple, proxy, asked } = await gatewayOf({ '/simple/demo/': html(link) });
  const { body } = await through(proxy, `${simple}/demo/`);
  expect(JSON.parse(body)).toEqual({
    meta: { 'api-version': '1.1' },
    name: 'demo',
    files: [
      {
        filename: NAME,
        url: expect.stringMatching(
          /^http:\/\/pinpack\.invalid\/[0-9a-f]{16}\/files\/demo\/[0-9a-f]{32}\/demo-1\.0-py3/,
        ) as string,
        hashes: {},
        yanked: false,
        'requires-python': '>=3.8',
        'core-metadata': true,
      },
    ],
  });
  expect(asked).toEqual(['user:secret /simple/demo/']);
});

test('pages are sent again only after a change', async () => {
  const tags = [];
  for (const anchor of [link, link, `${link} `]) {
    const { simple, proxy } = await gatewayOf({ '/simple/demo/': html(anchor) });
    const { etag = '', caching } = await through(proxy, `${simple}/demo/`);
    expect(caching).toBe('no-cache');
    expect(await through(proxy, `${simple}/demo/`, { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' });
    expect(await through(proxy, `${simple}/demo/`, { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
    tags.push(etag);
  }
  // Each gateway has an index of its own here, and the page's URL is part of the tag.
  expect(new Set(tags).size).toBe(3);
});

test('a project without files is not found, and an error is remembered', async () => {
  const { gateway, simple, proxy, origin } = await gatewayOf({
    '/simple/b/': status(403),
    '/simple/c/': json({ files: [] }),
  });
  expect((await through(proxy, `${simple}/a/`)).status).toBe(404);
  expect((await through(proxy, `${simple}/c/`)).status).toBe(404);
  expect((await through(proxy, `${simple}/b/`)).status).toBe(502);
  expect(gateway.failure?.message).toContain(`${origin}/simple/b/: answered with status 403`);
});

describe('METADATA inside of a wheel', () => {
  /** More than the end of the file that is fetched first. */
  const before = { name: 'demo/data', data: randomBytes(400_000), method: 0 };
  const many = Array.from({ length: 3000 }, (_, at) => ({ name: `demo/a-long-name-of-a-file-${at}.py`, data: '' }));

  test.each([
    ['of a small wheel', {}],
    ['before a large file', { files: [before] }],
    ['with a large directory', { files: many }],
  ])('is read %s, with and without ranges', async (_, wheel: FixtureWheel) => {
    const reordered = { ...wheel, metadata: METADATA };
    expect(await metadataThrough(reordered)).toMatchObject({ status: 200, body: METADATA });
    expect(await metadataThrough(reordered, false)).toMatchObject({ status: 200, body: METADATA });
  });

  test.each([true, false])('is limited (ranges: %s)', async (isRanged) => {
    const metadata = `${METADATA}\n${' '.repeat(2 ** 20)}`;
    const { body, rejected } = await metadataThrough({ metadata }, isRanged, { metadataMiB: 1 });
    expect(body).toBe('');
    expect(rejected[0]?.message).toContain(`${NAME}: METADATA has 1048623 bytes\n  The limit is "metadataMiB": 1.`);
  });

  test('is kept by uv while the page gives the file the same digest', async () => {
    const wheel = encodeWheel({ metadata: METADATA });
    const urlAndCaching = async (fragment: string) => {
      const anchor = `<a href="../../files/${NAME}${fragment}">x</a>`;
      const { simple, proxy } = await gatewayOf({ '/simple/demo/': html(anchor), [`/files/${NAME}`]: bytes(wheel) });
      const page = await through(proxy, `${simple}/demo/`);
      expect(page.caching).toBe('no-cache');
      const { files } = JSON.parse(page.body) as { files: { url: string }[] };
      const url = files[0]?.url ?? '';
      return { id: url.split('/').at(-2), caching: (await through(proxy, `${url}.metadata`)).caching };
    };
    const [one, other, none] = [
      await urlAndCaching(`#sha256=${'a'.repeat(64)}`),
      await urlAndCaching(`#sha256=${'b'.repeat(64)}`),
      await urlAndCaching(''),
    ];
    expect([one.caching, other.caching, none.caching]).toEqual([KEPT, KEPT, 'no-store']);
    expect(new Set([one.id, other.id, none.id]).size).toBe(3);
  });

  test('of a damaged wheel is empty, so that uv leaves out the wheel', async () => {
    const bad = { '/simple/demo/': html(link), [`/files/${NAME}`]: bytes(randomBytes(1000)) };
    const { gateway, simple, proxy } = await gatewayOf(bad);
    const page = JSON.parse((await through(proxy, `${simple}/demo/`)).body) as { files: { url: string }[] };
    expect(await through(proxy, `${page.files[0]?.url ?? ''}.metadata`)).toEqual({
      status: 200,
      body: '',
      caching: 'no-store',
      etag: undefined,
    });
    expect(gateway.rejected.map(({ code }) => code)).toEqual(['DIST_WHEEL_TRUNCATED']);
  });
});

describe('others', () => {
  test('get nothing without the secret, nor any other host', async () => {
    const { simple, proxy, asked, origin } = await gatewayOf({ '/simple/demo/': html(link) });
    expect((await through(proxy, `${simple}/demo/`, { password: 'guess' })).status).toBe(407);
    for (const url of [`${origin}/simple/demo/`, '/simple/demo/', 'http://pinpack.invalid.example/', 'http://[', '*'])
      expect((await through(proxy, url)).status).toBeGreaterThanOrEqual(400);
    for (const path of ['/', '/x/simple/demo/', '/simple/demo/']) {
      expect((await through(proxy, `http://pinpack.invalid${path}`)).status).toBe(404);
    }
    expect(asked).toEqual([]);
  });

  test('get no tunnel', async () => {
    const { proxy } = await gatewayOf({});
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(proxy.port), proxy.hostname, () => {
        socket.write('CONNECT index.example:443 HTTP/1.1\r\nHost: index.example:443\r\n\r\n');
      });
      socket.on('data', (data: Buffer) => (text += data.toString()));
      socket.on('close', () => {
        resolve(text);
      });
    });
    expect(answer).not.toContain('200');
  });
});
