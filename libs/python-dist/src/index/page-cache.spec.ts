/** Pages in the cache folder, with indexes that have validators and indexes that don't. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { json, serve, status, type Answer } from './index-client.fixture.js';
import { IndexClient } from './index-client.js';
import { indexesAt } from './index-configuration.js';

const ONE = { files: [{ filename: 'demo-1.0-py3-none-any.whl', url: '../../files/demo?token=t0k3n' }] };
const TWO = { files: [...ONE.files, { filename: 'demo-2.0-py3-none-any.whl', url: '../../files/demo2' }] };

beforeEach(() => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

function cacheFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-pages-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Answers as an index with validators does. `sent` counts the whole pages. */
function validating(header: 'etag' | 'last-modified', value: string, page: unknown, sent: string[]): Answer {
  return (response, { headers }) => {
    if ((headers['if-none-match'] ?? headers['if-modified-since']) === value) {
      response.writeHead(304).end();
      return;
    }
    sent.push(value);
    const type = 'application/vnd.pypi.simple.v1+json';
    response.writeHead(200, { 'content-type': type, [header]: value }).end(JSON.stringify(page));
  };
}

/** The names of the project's files, as a new process would read them. */
async function namesOf(url: string, cache: string): Promise<string[]> {
  const files = await IndexClient.of(indexesAt(url), { cache, firstPause: 1 }).files('demo');
  return files.map(({ name }) => name);
}

test.each([
  ['etag', '"a"', '"b"'],
  ['last-modified', 'Tue, 01 Sep 2026 00:00:00 GMT', 'Wed, 02 Sep 2026 00:00:00 GMT'],
] as const)('an unchanged page is not sent again by an index with %s', async (header, before, after) => {
  const sent: string[] = [];
  const [old, changed] = [validating(header, before, ONE, sent), validating(header, after, TWO, sent)];
  const { origin, asked } = await serve({ '/demo/': [old, old, changed, changed] });
  const cache = cacheFolder();
  const counts = [];
  for (let at = 0; at < 4; at++) counts.push((await namesOf(origin, cache)).length);
  expect({ counts, sent, requests: asked.length }).toEqual({
    counts: [1, 1, 2, 2],
    sent: [before, after],
    requests: 4,
  });
});

test('an index without validators is asked again, and its changes are seen', async () => {
  const { origin } = await serve({ '/demo/': [json(ONE), json(ONE), json(TWO)] });
  const cache = cacheFolder();
  const counts = [];
  for (let at = 0; at < 3; at++) counts.push((await namesOf(origin, cache)).length);
  expect(counts).toEqual([1, 1, 2]);
});

test('a page that is gone is not taken from the cache', async () => {
  const { origin } = await serve({ '/demo/': [validating('etag', '"a"', ONE, []), status(404)] });
  const cache = cacheFolder();
  expect(await namesOf(origin, cache)).toHaveLength(1);
  expect(await namesOf(origin, cache)).toEqual([]);
});

test('a damaged page is read again', async () => {
  const sent: string[] = [];
  const { origin } = await serve({ '/demo/': validating('etag', '"a"', ONE, sent) });
  const cache = cacheFolder();
  await namesOf(origin, cache);
  const [name = ''] = readdirSync(join(cache, 'index-pages'));
  appendFileSync(join(cache, 'index-pages', name), ' ');
  expect(await namesOf(origin, cache)).toHaveLength(1);
  expect(sent).toHaveLength(2);
});

test('a redirect that leads elsewhere has its own page, with its own URLs', async () => {
  const sent: string[] = [];
  const { origin } = await serve({
    '/simple/demo/': [status(302, { location: '/a/x/demo/' }), status(302, { location: '/b/x/demo/' })],
    '/a/x/demo/': validating('etag', '"same"', ONE, sent),
    '/b/x/demo/': validating('etag', '"same"', ONE, sent),
  });
  const cache = cacheFolder();
  const urls = [];
  for (let at = 0; at < 2; at++) {
    const [file] = await IndexClient.of(indexesAt(`${origin}/simple`), { cache, firstPause: 1 }).files('demo');
    urls.push(file?.url);
  }
  expect(urls).toEqual([`${origin}/a/files/demo?token=t0k3n`, `${origin}/b/files/demo?token=t0k3n`]);
});

test('pages are private, and have no credentials of the index', async () => {
  const { origin } = await serve({ '/demo/': json(ONE) });
  const cache = cacheFolder();
  await namesOf(origin.replace('//', '//user:s3cret@'), cache);
  const [name = ''] = readdirSync(join(cache, 'index-pages'));
  const path = join(cache, 'index-pages', name);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toContain('s3cret');
});
