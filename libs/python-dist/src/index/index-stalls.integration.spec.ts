/** An index of which one page stalls: once, or forever. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { rejected } from '@pinpack/testing';
import { DEFAULT_LIMITS } from '../limits/limits.js';
import { json, serve, type Answer } from './index-client.fixture.js';
import { IndexClient } from './index-client.js';
import { indexesAt } from './index-configuration.js';

const STALL_MS = 300;
const PAGE = { files: [{ filename: 'demo-1.0-py3-none-any.whl', url: 'demo' }] };
const NEXT =
  'Check the network, the proxy (HTTPS_PROXY) and the index that pip or uv is configured with, then run again.';

beforeEach(() => {
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

const silent: Answer = () => undefined;
/** Stalls in the body, whose length it has announced or not. */
function stuck(headers: Record<string, string>): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json', ...headers }).write('{"files":');
  };
}

function clientOf(url: string, pageSeconds = 60): IndexClient {
  const limits = { ...DEFAULT_LIMITS, pageSeconds };
  return IndexClient.of(indexesAt(url), { limits, firstPause: 1, stallMs: STALL_MS });
}

describe.each([
  ['before the headers', silent, `did not answer within ${STALL_MS / 1000} s, 4 times`],
  ['in the body', stuck({}), `sent no more data for ${STALL_MS / 1000} s`],
  ['in a body of known length', stuck({ 'content-length': '5000' }), `sent no more data for ${STALL_MS / 1000} s`],
])('a page that stalls %s', (_, stalled, found) => {
  test('once is requested again, and the others do not wait for it', async () => {
    const names = Array.from({ length: 40 }, (__, at) => `demo-${at}`);
    const others = Object.fromEntries(names.map((name) => [`/${name}/`, json(PAGE)]));
    const { origin, asked } = await serve({ ...others, '/slow/': [stalled, json(PAGE)] });
    const client = clientOf(origin);
    const pages = await Promise.all(['slow', ...names].map((name) => client.files(name)));
    expect(pages.map((files) => files.length)).toEqual(Array(41).fill(1));
    expect(asked.filter((path) => path === '/slow/')).toHaveLength(2);
  });

  test('forever is an error that names it', async () => {
    const { origin, asked } = await serve({ '/slow/': stalled });
    const client = clientOf(origin);
    const failing = rejected(() => client.files('slow'));
    await vi.waitFor(() => {
      expect(client.pending.map(({ about }) => about)).toEqual([`${origin}/slow/`]);
    });
    expect(await failing).toBe(`DIST_INDEX_UNREACHABLE ${origin}/slow/: ${found}\n  ${NEXT}`);
    expect(asked).toHaveLength(4);
    expect(client.pending).toEqual([]);
  });
});

test('all attempts together have no more time than one page', async () => {
  const { origin } = await serve({ '/slow/': stuck({}) });
  expect(await rejected(() => clientOf(origin, 0.5).files('slow'))).toContain(
    'did not answer completely within 0.5 seconds',
  );
});
