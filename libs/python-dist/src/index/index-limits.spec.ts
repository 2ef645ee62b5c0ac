/** Answers of an index that would never end, or fill the memory. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { rejected } from '@pinpack/testing';
import { DEFAULT_LIMITS, type Limits } from '../limits/limits.js';
import { encodeWheel } from '../wheel/wheel.fixture.js';
import { json, serve, status, type Answer } from './index-client.fixture.js';
import { IndexClient } from './index-client.js';
import { indexesAt } from './index-configuration.js';

const NAME = 'demo-1.0-py3-none-any.whl';
const JSON_TYPE = { 'content-type': 'application/vnd.pypi.simple.v1+json' };
const PAGE = { files: [{ filename: NAME, url: `../../files/${NAME}`, hashes: {}, 'core-metadata': true }] };

beforeEach(() => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

function clientOf(url: string, limits: Partial<Limits>, rateWindowMs = 60_000): IndexClient {
  return IndexClient.of(indexesAt(url), { limits: { ...DEFAULT_LIMITS, ...limits }, firstPause: 1, rateWindowMs });
}

/** Sends a chunk again and again, with a pause in milliseconds. */
function endless(chunk: Buffer, pause: number, headers: Record<string, string> = JSON_TYPE): Answer {
  return (response: ServerResponse) => {
    response.writeHead(200, headers);
    const more = (): void => {
      if (!response.destroyed) response.write(chunk, () => setTimeout(more, pause));
    };
    more();
  };
}

const BLANKS = Buffer.alloc(64 * 1024, ' ');
const silence: Answer = () => undefined;

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-limits-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return join(folder, NAME);
}

describe('a page', () => {
  test('that never ends is refused by its size', async () => {
    const { origin } = await serve({ '/demo/': endless(BLANKS, 0) });
    expect(await rejected(() => clientOf(origin, { pageMiB: 1 }).files('demo'))).toBe(
      `DIST_INDEX_TOO_LARGE ${origin}/demo/: sent more than 1048576 bytes\n  ` +
        'The limit is "pageMiB": 1. If this is expected, raise it in nx.json, "limits" in the options of the plugin pinpack.',
    );
  });

  test('that announces too much is not read', async () => {
    const { origin } = await serve({
      '/demo/': (response) => {
        response.writeHead(200, { 'content-length': 2 ** 32 }).flushHeaders();
      },
    });
    expect(await rejected(() => clientOf(origin, {}).files('demo'))).toContain('announces 4294967296 bytes');
  });

  test.each([
    ['trickles', endless(Buffer.from(' '), 5)],
    ['sends no headers', silence],
    [
      'sends nothing after the headers',
      (response: ServerResponse) => {
        response.writeHead(200, JSON_TYPE).flushHeaders();
      },
    ],
  ] as [string, Answer][])('that %s is refused by the deadline', async (_, answer) => {
    const { origin } = await serve({ '/demo/': answer });
    expect(await rejected(() => clientOf(origin, { pageSeconds: 0.3 }).files('demo'))).toBe(
      `DIST_INDEX_TOO_SLOW ${origin}/demo/: did not answer completely within 0.3 seconds\n  ` +
        'The limit is "pageSeconds": 0.3. If this is expected, raise it in nx.json, "limits" in the options of the plugin pinpack.',
    );
  });

  test('that fails again and again is refused by the deadline, over all retries', async () => {
    const slow: Answer = (response) => setTimeout(() => response.writeHead(503).end(), 200);
    const { origin } = await serve({ '/demo/': slow });
    expect(await rejected(() => clientOf(origin, { pageSeconds: 0.3 }).files('demo'))).toContain('DIST_INDEX_TOO_SLOW');
  });

  test('that trickles is refused by its rate', async () => {
    const { origin } = await serve({ '/demo/': endless(Buffer.from(' '), 5) });
    const message = await rejected(() => clientOf(origin, { leastKiBPerSecond: 100 }, 200).files('demo'));
    expect(message).toMatch(
      /^DIST_INDEX_TOO_SLOW http:\S+: sent \d+ bytes in 0\.2 seconds\n.*"leastKiBPerSecond": 100/,
    );
  });

  test.each([
    ['gzip', (data: Buffer) => gzipSync(data)],
    ['br', (data: Buffer) => brotliCompressSync(data)],
  ] as const)('compressed with %s is limited after decompression', async (encoding, compress) => {
    const headers = { ...JSON_TYPE, 'content-encoding': encoding };
    const { origin } = await serve({
      '/demo/': (response) => response.writeHead(200, headers).end(compress(Buffer.from(JSON.stringify(PAGE)))),
      '/bomb/': (response) => response.writeHead(200, headers).end(compress(Buffer.alloc(2 ** 24, ' '))),
      '/cut/': (response) =>
        response.writeHead(200, headers).end(compress(Buffer.from(JSON.stringify(PAGE))).subarray(0, -9)),
      '/junk/': (response) => response.writeHead(200, headers).end(Buffer.from('no such format')),
    });
    const client = clientOf(origin, { pageMiB: 1 });
    expect(await client.files('demo')).toHaveLength(1);
    expect(await rejected(() => client.files('bomb'))).toContain('decompresses to more than 1048576 bytes');
    for (const page of ['cut', 'junk'])
      expect(await rejected(() => client.files(page))).toContain('the compressed response is damaged');
  });

  test('of compressed blocks without content is limited by what was sent', async () => {
    // Empty stored blocks of deflate: endless input, no output.
    const header = Buffer.from('1f8b0800000000000003', 'hex');
    const blocks = Buffer.alloc(65_535, Buffer.from('000000ffff', 'hex'));
    const { origin } = await serve({
      '/demo/': (response) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).write(header);
        const more = (): void => {
          if (!response.destroyed) response.write(blocks, () => setImmediate(more));
        };
        more();
      },
    });
    expect(await rejected(() => clientOf(origin, { pageMiB: 1 }).files('demo'))).toContain(
      'sent more than 1048576 bytes',
    );
  });

  test('with an unknown encoding is an error', async () => {
    const { origin } = await serve({ '/demo/': status(200, { 'content-encoding': 'zstd' }) });
    expect(await rejected(() => clientOf(origin, {}).files('demo'))).toContain('the content encoding "zstd"');
  });

  test('of an error is limited too', async () => {
    const body: Answer = (response) => {
      response.writeHead(404, JSON_TYPE);
      const more = (): void => {
        if (!response.destroyed) response.write(BLANKS, () => setImmediate(more));
      };
      more();
    };
    const { origin } = await serve({ '/demo/': body });
    expect(await rejected(() => clientOf(origin, { pageMiB: 1 }).files('demo'))).toContain('DIST_INDEX_TOO_LARGE');
  });
});

describe('redirects', () => {
  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://', 'gopher://127.0.0.1:1/_x', '//[', 'data:,x'])(
    'to %s are a typed error',
    async (location) => {
      const { origin } = await serve({ '/demo/': status(302, { location }) });
      expect(await rejected(() => clientOf(origin, { pageSeconds: 5 }).files('demo'))).toMatch(/^DIST_INDEX_/);
    },
  );
});

describe('a file', () => {
  const wheel = encodeWheel();
  const locked = { name: NAME, size: 2 ** 30, sha256: createHash('sha256').update(wheel).digest('hex') };

  test.each([
    ['never ends', endless(BLANKS, 0, {}), { fileMiB: 1 }, 'DIST_INDEX_TOO_LARGE', 'fileMiB'],
    ['trickles', endless(Buffer.from(' '), 5, {}), { fileSeconds: 0.3 }, 'DIST_INDEX_TOO_SLOW', 'fileSeconds'],
  ] as [string, Answer, Partial<Limits>, string, string][])(
    'that %s is refused',
    async (_, answer, limits, code, setting) => {
      const { origin } = await serve({ '/simple/demo/': json(PAGE), [`/files/${NAME}`]: answer });
      const client = clientOf(`${origin}/simple`, limits);
      for (const reading of [
        () => client.download('demo', locked, temporaryPath()),
        () => client.measure('demo', NAME),
      ]) {
        const message = await rejected(reading);
        expect(message).toContain(`${code} ${origin}/files/${NAME}: `);
        expect(message).toContain(`The limit is "${setting}"`);
      }
    },
  );

  test('whose METADATA never ends is refused', async () => {
    const { origin } = await serve({ '/simple/demo/': json(PAGE), [`/files/${NAME}.metadata`]: endless(BLANKS, 0) });
    const client = clientOf(`${origin}/simple`, { metadataMiB: 1 });
    const [file] = await client.files('demo');
    expect(await rejected(() => client.metadata(file ?? expect.fail()))).toContain('The limit is "metadataMiB": 1');
  });

  test('that unpacks to too much is refused when it is downloaded', async () => {
    const bomb = encodeWheel({ files: [{ name: 'zeros', data: Buffer.alloc(70 * 2 ** 20) }] });
    const { origin } = await serve({
      '/simple/demo/': json(PAGE),
      [`/files/${NAME}`]: (response) => response.end(bomb),
    });
    const file = { name: NAME, size: bomb.length, sha256: createHash('sha256').update(bomb).digest('hex') };
    const client = clientOf(`${origin}/simple`, {});
    expect(await rejected(() => client.download('demo', file, temporaryPath()))).toContain(
      `DIST_WHEEL_TOO_LARGE ${NAME}: unpacks to at least 70 MiB`,
    );
  });
});
