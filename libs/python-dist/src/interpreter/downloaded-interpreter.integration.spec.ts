/** A Python whose archive is at a URL, from a server on loopback: in `lock`, and later on a machine that does not have it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { planBuildPolicy } from '../build/build-policy.js';
import { bytes, cutOff, serve, status, type Answer } from '../index/index-client.fixture.js';
import { IndexClient } from '../index/index-client.js';
import { indexesAt } from '../index/index-configuration.js';
import type { LockedInterpreter } from '../lock/lock.js';
import { locateInterpreter } from './locate-interpreter.js';
import { openInterpreter } from './unpack-interpreter.js';

const TIME = '2025-06-11T15:36:57Z';
const PATH = '/cpython-3.12.8.tar.gz';

let archive: Buffer;
let cache: string;

beforeAll(() => {
  const folder = temporaryFolder();
  for (const name of ['bin', 'lib/python3.12', 'include/python3.12'])
    mkdirSync(join(folder, 'python', name), { recursive: true });
  writeFileSync(join(folder, 'python/bin/python3.12'), '');
  writeFileSync(join(folder, 'python/lib/python3.12/os.py'), 'name = "posix"\n');
  writeFileSync(join(folder, 'python/include/python3.12/patchlevel.h'), '#define PY_VERSION "3.12.8"\n');
  archive = execFileSync('tar', ['cz', '--mtime', TIME, '-C', folder, 'python']);
});

beforeEach(() => {
  cache = temporaryFolder();
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, undefined);
});

async function start(answers: Answer | Answer[]) {
  const { origin, asked } = await serve({ [PATH]: answers });
  const location = `${origin}${PATH}`;
  const index = IndexClient.of(indexesAt(origin), { firstPause: 1 });
  const lock = (expected: string, previous?: Pick<LockedInterpreter, 'size' | 'time'>) =>
    locateInterpreter({
      ...{ input: { kind: 'archive', location, keep: [], expected }, python: '3.12.8', root: '/', cache, index },
      ...{ progress: () => undefined, policy: planBuildPolicy() },
      previous: previous && { kind: 'archive', location, keep: [], sha256: expected, release: 1, ...previous },
    });
  const open = () =>
    openInterpreter(
      { kind: 'archive', location, sha256: sha256Of(archive), size: archive.length },
      { root: '/', fetch: (file, path) => index.download('python', file, path) },
      cache,
    );
  return { asked, location, lock, open };
}

test('is downloaded once, verified and dated by its newest file', async () => {
  const { asked, lock, open } = await start(bytes(archive));
  const sha256 = sha256Of(archive);
  const { input, folder } = await lock(sha256);
  expect(input.found).toEqual({ sha256, size: archive.length, time: TIME });
  expect(readFileSync(join(folder, 'lib/python3.12/os.py'), 'utf8')).toBe('name = "posix"\n');
  expect(readdirSync(join(cache, 'pythons'))).toEqual([sha256]);

  expect((await lock(sha256, { time: TIME, size: archive.length })).input.found).toEqual(input.found);
  expect(asked).toEqual([PATH]);

  cache = temporaryFolder();
  expect(readdirSync(join(await open(), 'bin'))).toEqual(['python3.12']);
  expect(readdirSync(join(cache, 'pythons'))).toEqual([sha256]);
});

test.each<[string, () => Answer, string, string]>([
  [
    'another archive',
    () => bytes(Buffer.concat([archive, Buffer.of(0)])),
    'DIST_PYTHON_DIFFERS <url>: is not the Python that is locked\n  expected sha256=<sha256>, found sha256=',
    'DIST_INDEX_DIGEST_DIFFERS cpython-3.12.8.tar.gz: ',
  ],
  [
    'no file',
    () => status(404),
    'DIST_INDEX_UNREACHABLE <url>: answered with status 404\n',
    'DIST_INDEX_UNREACHABLE <url>: answered with status 404\n',
  ],
  [
    'a part of it each time',
    () => cutOff(archive, 100),
    'DIST_INDEX_UNREACHABLE <url>: the connection was closed before the end of the response\n',
    'DIST_INDEX_UNREACHABLE <url>: the connection was closed before the end of the response\n',
  ],
])('a server that sends %s is reported, and nothing gets into the cache', async (_, answer, locking, opening) => {
  const { location, lock, open } = await start(answer());
  const sha256 = sha256Of(archive);
  const filled = (text: string) => text.replace('<url>', location).replace('<sha256>', sha256);
  expect(await rejected(() => lock(sha256))).toContain(filled(locking));
  expect(readdirSync(join(cache, 'pythons'))).toEqual([]);
  expect(await rejected(open)).toContain(filled(opening));
  expect(readdirSync(join(cache, 'pythons'))).toEqual([]);
});
