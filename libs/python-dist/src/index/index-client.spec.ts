import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { rejected } from '@pinpack/testing';
import { bytes, cutOff, hangUp, html, json, serve, status, type Answer } from './index-client.fixture.js';
import { IndexClient } from './index-client.js';
import { indexesAt } from './index-configuration.js';
import { encodeWheel } from '../wheel/wheel.fixture.js';
import { parseNetrc } from './netrc.js';
import { redact } from './redact.js';

/** A valid wheel: downloaded ones are checked against the limits. */
const DATA = encodeWheel({ files: [{ name: 'demo/data', data: randomBytes(90_000) }] });
const SHA256 = createHash('sha256').update(DATA).digest('hex');
const NAME = 'demo-1.0-py3-none-any.whl';
const WHEEL = { name: NAME, size: DATA.length, sha256: SHA256 };
const PAGE = { files: [{ filename: NAME, url: `../../files/${NAME}`, hashes: {} }] };
const NEXT =
  'Check the network, the proxy (HTTPS_PROXY) and the index that pip or uv is configured with, then run again.';
const REPLACED = 'The file was replaced on the index, or a proxy changed it. Find out which before you lock again.';

beforeEach(() => {
  // The tests must not use a proxy of this machine.
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

function clientOf(...urls: string[]): IndexClient {
  return IndexClient.of(indexesAt(...urls), { firstPause: 1 });
}

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-client-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return join(folder, NAME);
}

/** Serves the page of `demo`, and its wheel by the given answers. */
function serveWheel(...answers: Answer[]) {
  return serve({ '/simple/demo/': json(PAGE), [`/files/${NAME}`]: answers });
}

describe('files', () => {
  test('reads JSON and HTML', async () => {
    const page = html(`<a href="/files/${NAME}#sha256=${SHA256}">${NAME}</a>`);
    const { origin } = await serve({ '/a/demo/': json(PAGE), '/b/demo/': page });
    const file = { name: NAME, url: `${origin}/files/${NAME}`, yanked: false };
    expect(await clientOf(`${origin}/a`).files('demo')).toEqual([{ ...file, url: `${origin}/files/${NAME}` }]);
    expect(await clientOf(`${origin}/b`).files('demo')).toEqual([{ ...file, sha256: SHA256 }]);
  });

  test('requests each page once, from every index', async () => {
    const { origin, asked } = await serve({ '/gone/demo/': status(410), '/simple/demo/': json({ files: [] }) });
    const client = clientOf(`${origin}/none`, `${origin}/gone`, `${origin}/simple`, `${origin}/never`);
    await Promise.all([client.files('demo'), client.files('demo')]);
    expect(asked.sort()).toEqual(['/gone/demo/', '/never/demo/', '/none/demo/', '/simple/demo/']);
  });

  test('returns no files if no index has the project', async () => {
    const { origin } = await serve({});
    expect(await clientOf(origin).files('demo')).toEqual([]);
  });

  test('follows redirects, and resolves relative URLs against the last one', async () => {
    const page = json({ files: [{ filename: NAME, url: NAME }] });
    const { origin } = await serve({
      '/simple/demo/': status(301, { location: '/moved/there/' }),
      '/moved/there/': page,
    });
    expect((await clientOf(`${origin}/simple`).files('demo'))[0]?.url).toBe(`${origin}/moved/there/${NAME}`);
  });

  test('reports endless redirects', async () => {
    const { origin } = await serve({ '/simple/demo/': status(302, { location: '/simple/demo/' }) });
    expect(await rejected(() => clientOf(`${origin}/simple`).files('demo'))).toMatch(
      /^DIST_INDEX_UNREACHABLE http:\/\/127\.0\.0\.1:\d+\/simple\/demo\/: (?:answered with status 302|.*redirect.*)\n/i,
    );
  });

  test('retries temporary errors', async () => {
    const { origin, asked } = await serve({ '/demo/': [status(503), hangUp, json(PAGE)] });
    expect(await clientOf(origin).files('demo')).toHaveLength(1);
    expect(asked).toHaveLength(3);
  });

  test.each([
    ['a permanent 503', [status(503)], 'answered with status 503', 4],
    ['forbidden', [status(403)], 'answered with status 403', 1],
    ['a server that closes every connection', [hangUp], 'other side closed', 4],
    [
      'an incomplete response',
      [cutOff(DATA, 10)],
      'the connection was closed before the end of the response',
      undefined,
    ],
  ] as [string, Answer[], string, number | undefined][])('reports %s', async (_, answers, found, attempts) => {
    const { origin, asked } = await serve({ '/demo/': answers });
    expect(await rejected(() => clientOf(origin).files('demo'))).toBe(
      `DIST_INDEX_UNREACHABLE ${origin}/demo/: ${found}\n  ${NEXT}`,
    );
    if (attempts !== undefined) expect(asked).toHaveLength(attempts);
  });

  test('reports an invalid page', async () => {
    const { origin } = await serve({ '/demo/': json('sorry') });
    expect(await rejected(() => clientOf(origin).files('demo'))).toMatch(
      /^DIST_INDEX_PAGE_INVALID http:.*\/demo\/: is not/,
    );
  });
});

describe('download', () => {
  test('writes the file and counts its bytes', async () => {
    const { origin } = await serveWheel(bytes(DATA));
    const path = temporaryPath();
    let counted = 0;
    await clientOf(`${origin}/simple`).download('demo', WHEEL, path, (count) => (counted += count));
    expect(readFileSync(path)).toEqual(DATA);
    expect(counted).toBe(DATA.length);
  });

  test('follows redirects to another host', async () => {
    const storage = await serve({ '/x': bytes(DATA) });
    const { origin } = await serveWheel(status(302, { location: `${storage.origin}/x` }));
    const path = temporaryPath();
    await clientOf(`${origin}/simple`).download('demo', WHEEL, path);
    expect(readFileSync(path)).toEqual(DATA);
  });

  test('resumes after a lost connection', async () => {
    const rest: Answer = (response, request) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
      const range = `bytes ${from}-${DATA.length - 1}/${DATA.length}`;
      response.writeHead(206, { 'content-range': range, 'content-length': DATA.length - from });
      response.end(DATA.subarray(from));
    };
    const { origin } = await serveWheel(cutOff(DATA, 20_000), rest);
    const path = temporaryPath();
    await clientOf(`${origin}/simple`).download('demo', WHEEL, path);
    expect(readFileSync(path)).toEqual(DATA);
  });

  test.each([
    [
      'other bytes',
      Buffer.from(DATA).fill('x', 5, 6),
      (found: string) => `found ${DATA.length} bytes, sha256=${found}`,
    ],
    ['fewer bytes', DATA.subarray(1), (found: string) => `found ${DATA.length - 1} bytes, sha256=${found}`],
    ['nothing', Buffer.alloc(0), (found: string) => `found 0 bytes, sha256=${found}`],
    ['more bytes', Buffer.concat([DATA, DATA]), () => 'found more bytes'],
  ])('rejects %s than the lock has', async (_, sent, found) => {
    const { origin } = await serveWheel(bytes(sent));
    const digest = createHash('sha256').update(sent).digest('hex');
    expect(await rejected(() => clientOf(`${origin}/simple`).download('demo', WHEEL, temporaryPath()))).toBe(
      [
        `DIST_INDEX_DIGEST_DIFFERS ${NAME}: the file on the index differs from the locked one`,
        `locked ${DATA.length} bytes, sha256=${SHA256}`,
        found(digest),
        REPLACED,
      ].join('\n  '),
    );
  });

  test('stops reading a file that is too long', async () => {
    const endless: Answer = (response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write(DATA, () => setImmediate(more));
      };
      more();
    };
    const { origin } = await serveWheel(endless);
    expect(await rejected(() => clientOf(`${origin}/simple`).download('demo', WHEEL, temporaryPath()))).toMatch(
      /^DIST_INDEX_DIGEST_DIFFERS /,
    );
  });

  test('downloads nothing if the page already has another digest', async () => {
    const other = 'cd'.repeat(32);
    const page = json({ files: [{ ...PAGE.files[0], hashes: { sha256: other }, size: 3 }] });
    const { origin, asked } = await serve({ '/demo/': page });
    const path = temporaryPath();
    expect(await rejected(() => clientOf(origin).download('demo', WHEEL, path))).toBe(
      [
        `DIST_INDEX_DIGEST_DIFFERS ${NAME}: the file on the index differs from the locked one`,
        `locked ${DATA.length} bytes, sha256=${SHA256}`,
        `found 3 bytes, sha256=${other}`,
        REPLACED,
      ].join('\n  '),
    );
    expect(asked).toEqual(['/demo/']);
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['is incomplete', cutOff(DATA, 20_000), 'the connection was closed before the end of the response'],
    ['is missing', status(404), 'answered with status 404'],
    ['is refused', status(401), 'answered with status 401'],
  ])('reports a file that %s', async (_, answer, found) => {
    const { origin } = await serveWheel(answer);
    expect(await rejected(() => clientOf(`${origin}/simple`).download('demo', WHEEL, temporaryPath()))).toBe(
      `DIST_INDEX_UNREACHABLE ${origin}/files/${NAME}: ${found}\n  ${NEXT}`,
    );
  });

  test('reports a file that no index has', async () => {
    const { origin } = await serve({ '/demo/': json({ files: [] }) });
    expect(await rejected(() => clientOf(origin).download('demo', WHEEL, temporaryPath()))).toBe(
      [
        `DIST_INDEX_FILE_MISSING ${NAME}: no configured index has the file`,
        `requested from ${origin}/, found 0 files of demo`,
        'Configure an index that has it (PIP_INDEX_URL, pip.conf or uv.toml), or pin another version and lock again.',
      ].join('\n  '),
    );
  });

  test('does not overwrite files', async () => {
    const { origin } = await serveWheel(bytes(DATA));
    const path = temporaryPath();
    await clientOf(`${origin}/simple`).download('demo', WHEEL, path);
    await expect(clientOf(`${origin}/simple`).download('demo', WHEEL, path)).rejects.toThrow('EEXIST');
  });
});

describe('metadata', () => {
  const file = (origin: string, sha256?: string) => ({
    name: NAME,
    url: `${origin}/x.whl`,
    metadata: sha256 === undefined ? {} : { sha256 },
    yanked: false,
  });

  test('reads it and verifies its digest', async () => {
    const { origin } = await serve({ '/x.whl.metadata': bytes(DATA) });
    expect(await clientOf(origin).metadata(file(origin, SHA256))).toBe(DATA.toString());
    expect(await clientOf(origin).metadata(file(origin))).toBe(DATA.toString());
    const other = 'cd'.repeat(32);
    expect(await rejected(() => clientOf(origin).metadata(file(origin, other)))).toBe(
      [
        `DIST_INDEX_METADATA_DIFFERS ${NAME}: its metadata file does not match the digest on the page of the index`,
        `expected sha256=${other}, found sha256=${SHA256}`,
        'The index or a proxy serves damaged data. Try again, or report it to the operator of the index.',
      ].join('\n  '),
    );
  });

  test('is undefined if the page has none, or the file is missing', async () => {
    const { origin, asked } = await serve({});
    expect(await clientOf(origin).metadata({ name: NAME, url: `${origin}/x.whl`, yanked: false })).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await clientOf(origin).metadata(file(origin))).toBeUndefined();
  });
});

describe('measure', () => {
  test('reads size and digest from the file itself', async () => {
    const { origin } = await serveWheel(bytes(DATA));
    expect(await clientOf(`${origin}/simple`).measure('demo', NAME)).toEqual({ size: DATA.length, sha256: SHA256 });
  });

  test('reports an incomplete response', async () => {
    const { origin } = await serveWheel(cutOff(DATA, 20_000));
    expect(await rejected(() => clientOf(`${origin}/simple`).measure('demo', NAME))).toBe(
      `DIST_INDEX_UNREACHABLE ${origin}/files/${NAME}: the connection was closed before the end of the response\n  ${NEXT}`,
    );
  });
});

describe('credentials', () => {
  const withCredentials = (origin: string) => `${origin.replace('//', '//me:s%40cret@')}/simple`;

  test('are sent for the page and its files, by relative and absolute URLs', async () => {
    const answers: Record<string, Answer> = { [`/files/${NAME}`]: bytes(DATA) };
    const { origin, asked } = await serve(answers);
    for (const url of [`../../files/${NAME}`, `${origin}/files/${NAME}`]) {
      answers['/simple/demo/'] = json({ files: [{ filename: NAME, url }] });
      await clientOf(withCredentials(origin)).download('demo', WHEEL, temporaryPath());
    }
    expect(new Set(asked)).toEqual(new Set(['me:s@cret /simple/demo/', `me:s@cret /files/${NAME}`]));
  });

  test('are not sent to another host, by a URL or a redirect', async () => {
    const storage = await serve({ '/x': bytes(DATA), '/y': bytes(DATA) });
    const { origin } = await serve({
      '/simple/demo/': json({ files: [{ filename: NAME, url: `${storage.origin}/x` }] }),
      '/simple/other/': json({ files: [{ filename: NAME, url: '../../moved' }] }),
      '/moved': status(302, { location: `${storage.origin}/y` }),
    });
    const client = clientOf(withCredentials(origin));
    await client.download('demo', WHEEL, temporaryPath());
    await client.download('other', WHEEL, temporaryPath());
    expect(storage.asked).toEqual(['/x', '/y']);
  });

  test.each([
    ['forbidden', { '/simple/demo/': status(403) }],
    ['garbage', { '/simple/demo/': json('sorry') }],
    ['no such file', { '/simple/demo/': json({ files: [] }) }],
    ['a missing file', { '/simple/demo/': json(PAGE) }],
    ['an incomplete file', { '/simple/demo/': json(PAGE), [`/files/${NAME}`]: cutOff(DATA, 10) }],
    ['closed connections', { '/simple/demo/': hangUp }],
  ] as [string, Record<string, Answer>][])('do not appear in messages: %s', async (_, answers) => {
    const { origin } = await serve(answers);
    const message = await rejected(() => clientOf(withCredentials(origin)).download('demo', WHEEL, temporaryPath()));
    expect(message).toMatch(/^DIST_INDEX_/);
    expect(message).not.toMatch(/cret|me:/);
  });
});

describe('redact', () => {
  test.each([
    ['https://me:secret@index.example/simple/', 'https://index.example/simple/'],
    ['https://token@index.example/simple/?key=secret#secret', 'https://index.example/simple/'],
    ['me:secret@index', '(not an http or https URL)'],
    ['', '(not an http or https URL)'],
  ])('%s', (url, shown) => {
    expect(redact(url)).toBe(shown);
  });
});

describe('several indexes', () => {
  const page = (text = NAME) => json({ files: [{ filename: text, url: `../../files/${text}`, hashes: {} }] });

  test('that have the same project are an error, even if one has no files of it', async () => {
    const { origin } = await serve({ '/a/demo/': json({ files: [] }), '/b/demo/': page() });
    expect(await rejected(() => clientOf(`${origin}/a`, `${origin}/b`).files('demo'))).toBe(
      [
        `DIST_INDEX_AMBIGUOUS demo: 2 indexes have this project: without a name (${origin}/a), default (${origin}/b)`,
        'Either could be meant: anyone can publish the name of an internal project on a public index (dependency confusion).',
        'Say which one in reqset.json, "index": {"demo": "default"}; patterns work too: {"acme-*": "internal", "*": "default"}.',
        'An index gets a name by UV_INDEX=<name>=https://…, or by [[index]] in uv.toml.',
      ].join('\n  '),
    );
  });

  test('are asked only for the projects that are assigned to them', async () => {
    const { origin, asked } = await serve({ '/a/demo/': page(), '/b/demo/': page(), '/b/other/': page() });
    const client = clientOf(`own=${origin}/a`, `${origin}/b`).assigning({ demo: 'own', '*': 'default' });
    expect(await client.files('demo')).toHaveLength(1);
    expect(await client.files('other')).toHaveLength(1);
    expect(asked).toEqual(['/a/demo/', '/b/other/']);
  });

  test('do not replace one that lacks an assigned project', async () => {
    const { origin, asked } = await serve({ '/b/demo/': page() });
    const client = clientOf(`own=${origin}/a`, `${origin}/b`).assigning({ 'de*': 'own' });
    expect(await client.files('demo')).toEqual([]);
    expect(await rejected(() => client.download('demo', WHEEL, temporaryPath()))).toContain('DIST_INDEX_FILE_MISSING');
    expect(asked).toEqual(['/a/demo/']);
  });

  test('an explicit one is asked only for assigned projects', async () => {
    const { origin, asked } = await serve({ '/a/demo/': page(), '/b/demo/': page(), '/a/other/': page() });
    const configuration = indexesAt(`own=${origin}/a`, `${origin}/b`);
    for (const index of configuration.indexes) index.isExplicit = index.names.includes('own');
    const client = IndexClient.of(configuration, { firstPause: 1 }).assigning({ other: 'own' });
    expect((await client.files('demo'))[0]?.url).toBe(`${origin}/files/${NAME}`);
    expect(await client.files('other')).toHaveLength(1);
    expect(asked).toEqual(['/b/demo/', '/a/other/']);
  });

  test('a redirect to another host is an error for an assigned project, and no second source otherwise', async () => {
    const open = await serve({ '/simple/demo/': page() });
    const own = await serve({ '/simple/demo/': status(302, { location: `${open.origin}/simple/demo/` }) });
    const [first, second] = [`own=${own.origin}/simple`, `${open.origin}/simple`];
    expect(await rejected(() => clientOf(first, second).assigning({ demo: 'own' }).files('demo'))).toMatch(
      /^DIST_INDEX_REDIRECTED demo: http:\S+ redirects to another host: http:/,
    );
    expect(await clientOf(first, second).files('demo')).toHaveLength(1);
    expect(await clientOf(first).assigning({ '*': 'own' }).files('demo')).toHaveLength(1);
  });

  test('the locked digest finds the file in any of them, and the recorded index in one', async () => {
    const other = 'cd'.repeat(32);
    const files = [{ filename: NAME, url: `../../files/${NAME}`, hashes: { sha256: other } }];
    const answers = { '/a/demo/': json({ files }), '/b/demo/': page(), [`/files/${NAME}`]: bytes(DATA) };
    const { origin } = await serve(answers);
    const client = clientOf(`own=${origin}/a`, `${origin}/b`);
    await client.download('demo', WHEEL, temporaryPath());
    expect(await rejected(() => client.download('demo', { ...WHEEL, index: 'own' }, temporaryPath()))).toMatch(
      /^DIST_INDEX_DIGEST_DIFFERS/,
    );
    expect(await rejected(() => client.download('demo', { ...WHEEL, index: 'x' }, temporaryPath()))).toContain(
      'DIST_INDEX_NOT_CONFIGURED demo: is taken from the index "x" ("index" in reqset.json), which is not configured on this machine\n  found own, default',
    );
  });
});

describe('credentials of a host', () => {
  test('are taken from netrc, and from the variables of a named index', async () => {
    const { origin, asked } = await serve({ '/simple/demo/': json({ files: [] }) });
    const netrc = parseNetrc('machine 127.0.0.1 login me password fromnetrc');
    await IndexClient.of({ ...indexesAt(`${origin}/simple`), netrc }).files('demo');
    const [index] = indexesAt(`${origin}/simple`).indexes;
    const credentials = { username: 'me', password: 'own' };
    await IndexClient.of({ indexes: index === undefined ? [] : [{ ...index, credentials }], netrc }).files('demo');
    expect(asked).toEqual(['me:fromnetrc /simple/demo/', 'me:own /simple/demo/']);
  });
});
