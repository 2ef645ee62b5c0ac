/** Versions and files that `lock` chooses: kept versions, `--upgrade`, `--exclude-newer`, constraints, hashes, several indexes. Uses the real uv. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@pinpack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planBuildPolicy } from '../build/build-policy.js';
import { DistError } from '../dist-error.js';
import { IndexClient } from '../index/index-client.js';
import { indexesAt, type IndexConfiguration } from '../index/index-configuration.js';
import { serve } from '../index/index-client.fixture.js';
import { DEFAULT_LIMITS } from '../limits/limits.js';
import { inputsDigest, type LockInputs, type SourceTree } from '../lock/inputs.js';
import type { Lock } from '../lock/lock.js';
import { formatPylock, parsePylock } from '../lock/pylock.js';
import { IndexServer, type Offered } from './index-server.fixture.js';
import type { LockOptions } from './lock-options.js';
import { lockReqset } from './lock-reqset.js';
import { Uv } from '../uv/uv.js';
import { emptyUvCache } from './uv-cache.fixture.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };

const OLD: Offered[] = [
  { fileName: 'signal-1.0-py3-none-any.whl', requires: ['arrays', 'plots'], uploaded: '2026-01-01T00:00:00Z' },
  { fileName: 'arrays-1.0-py3-none-any.whl', uploaded: '2026-01-01T00:00:00Z' },
  { fileName: 'plots-1.0-py3-none-any.whl', uploaded: '2026-01-01T00:00:00Z' },
  { fileName: 'builder-1.0-py3-none-any.whl', uploaded: '2026-01-01T00:00:00Z' },
];
const NEW: Offered[] = [
  ...OLD,
  { fileName: 'arrays-2.0-py3-none-any.whl', uploaded: '2026-03-01T00:00:00Z' },
  { fileName: 'plots-2.0-py3-none-any.whl', uploaded: '2026-03-01T00:00:00Z' },
  { fileName: 'builder-2.0-py3-none-any.whl', uploaded: '2026-03-01T00:00:00Z' },
];

const servers: IndexServer[] = [];
const uvCache = temporaryFolder();
let cache: string;
const ENVIRONMENT = ['UV_CACHE_DIR', 'UV_INDEX_STRATEGY', 'UV_INDEX_INTERNAL_PASSWORD', 'PIP_EXTRA_INDEX_URL'];

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'pinpack-uv-'));
  emptyUvCache(uvCache);
  process.env.UV_CACHE_DIR = uvCache;
});
afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
  for (const name of ENVIRONMENT) Reflect.deleteProperty(process.env, name);
  rmSync(cache, { recursive: true, force: true });
});

/** @param indexes - the files of each index, in order of priority */
async function lock(inputs: Partial<LockInputs>, indexes: Offered[][], options?: LockOptions): Promise<Lock> {
  const started = await Promise.all(indexes.map((offered) => IndexServer.start(offered)));
  servers.push(...started);
  const urls = started.map(({ url }) => url);
  return lockFrom(urls, inputs, options);
}

function lockFrom(urls: string[], inputs: Partial<LockInputs>, options?: LockOptions): Promise<Lock> {
  return lockConfigured(indexesAt(...urls), inputs, options);
}

async function lockConfigured(
  configuration: IndexConfiguration,
  inputs: Partial<LockInputs>,
  options?: LockOptions,
): Promise<Lock> {
  const [uv, index] = [await Uv.find(ROOT), IndexClient.of(configuration, { firstPause: 1 })];
  const tools = { uv, index, progress: () => undefined, root: ROOT, cache, policy: planBuildPolicy() };
  return lockReqset('demo', { requirements: [], sources: [], target: TARGET, ...inputs }, tools, options);
}

function written(file: string, ...lines: string[]) {
  return lines.map((text, index) => ({ text, place: `${file}:${index + 1}` }));
}

const SIGNAL = { requirements: written('requirements.txt', 'signal') };

function versions({ packages }: Lock): string[] {
  return packages.map(({ name, version }) => `${name} ${version}`);
}

async function failureOf(locking: Promise<unknown>): Promise<DistError> {
  const error = await locking.catch((reason: unknown) => reason);
  if (error instanceof DistError) return error;
  throw new Error('was locked');
}

describe('versions', () => {
  it('are kept while they satisfy the requirements', async () => {
    const previous = await lock(SIGNAL, [OLD]);
    expect(await lock(SIGNAL, [NEW], { previous })).toEqual(previous);
  });

  it('change if they no longer satisfy the requirements', async () => {
    const previous = await lock(SIGNAL, [OLD]);
    const moved = await lock({ requirements: written('requirements.txt', 'signal', 'arrays>1') }, [NEW], { previous });
    expect(versions(moved)).toEqual(['arrays 2.0', 'plots 1.0', 'signal 1.0']);
  });

  it.each([
    ['all', ['arrays 2.0', 'plots 2.0', 'signal 1.0']],
    [['plots'], ['arrays 1.0', 'plots 2.0', 'signal 1.0']],
  ] as const)('change with upgrade: %s', async (upgrade, expected) => {
    const previous = await lock(SIGNAL, [OLD]);
    expect(versions(await lock(SIGNAL, [NEW], { previous, upgrade }))).toEqual(expected);
  });

  it('of build requirements are kept and upgraded like those of pins', async () => {
    const source: SourceTree = {
      path: 'apps/demo',
      name: 'demo',
      version: '1',
      dependencies: ['signal'],
      buildRequires: ['builder'],
    };
    const builtWith = ({ packages }: Lock): string[] =>
      packages
        .flatMap((pin) => (pin.source.kind === 'directory' ? pin.source.buildRequires : []))
        .map(({ version }) => version);
    const previous = await lock({ sources: [source] }, [OLD]);
    expect(builtWith(await lock({ sources: [source] }, [NEW], { previous }))).toEqual(['1.0']);
    expect(builtWith(await lock({ sources: [source] }, [NEW], { previous, upgrade: ['builder'] }))).toEqual(['2.0']);
  });

  it('are those of the given day', async () => {
    expect(versions(await lock(SIGNAL, [NEW], { excludeNewer: '2026-02-01' }))).toEqual([
      'arrays 1.0',
      'plots 1.0',
      'signal 1.0',
    ]);
  });

  it('that are all newer than the given day are reported', async () => {
    const { message } = await failureOf(lock(SIGNAL, [NEW], { excludeNewer: '2020-01-01' }));
    expect(message).toContain('filtered by `exclude-newer` to only include packages uploaded before 2020-01-02');
  });
});

describe('constraints', () => {
  it('limit versions and add no packages', async () => {
    const constraints = written('constraints.txt', 'arrays<2', 'builder==1.0');
    expect(versions(await lock({ ...SIGNAL, constraints }, [NEW]))).toEqual(['arrays 1.0', 'plots 2.0', 'signal 1.0']);
  });

  it('are reported with their line if nothing satisfies them', async () => {
    const constraints = written('constraints.txt', 'builder==1.0', 'plots==7');
    expect((await failureOf(lock({ ...SIGNAL, constraints }, [NEW]))).message).toBe(
      'demo: constraints.txt:2: plots==7: the index has no such version\n  newest versions on the index: 2.0, 1.0\n  Pin plots==2.0, with which the set resolves.',
    );
  });

  it('are part of the digest of the inputs', () => {
    const inputs = { ...SIGNAL, sources: [], target: TARGET };
    const constraints = written('constraints.txt', 'arrays<2');
    expect(inputsDigest({ ...inputs, constraints })).not.toBe(inputsDigest(inputs));
    expect(inputsDigest({ ...inputs, constraints: [] })).toBe(inputsDigest(inputs));
  });
});

describe('hashes', () => {
  const files: Offered[] = [
    { fileName: 'arrays-1.0-py3-none-any.whl' },
    { fileName: 'arrays-1.0-cp311-cp311-manylinux_2_17_x86_64.whl' },
    { fileName: 'arrays-1.0-cp312-cp312-manylinux_2_17_x86_64.whl' },
  ];
  const arrays = (...hashes: string[]) => ({
    requirements: [{ text: 'arrays==1.0', place: 'requirements.txt:1', hashes }],
  });

  async function hashOf(fileName: string): Promise<string> {
    const server = await IndexServer.start(files);
    servers.push(server);
    const page = (await (await fetch(`${server.url}/arrays/`)).json()) as {
      files: { filename: string; hashes: { sha256: string } }[];
    };
    return page.files.find(({ filename }) => filename === fileName)?.hashes.sha256 ?? '';
  }

  it('restrict files, even if another would be a better match', async () => {
    const sha256 = await hashOf('arrays-1.0-py3-none-any.whl');
    const { packages } = await lock(arrays(sha256), [files]);
    expect(packages[0]?.source).toMatchObject({ wheel: { name: 'arrays-1.0-py3-none-any.whl', sha256 } });
  });

  it('that no file has are an error', async () => {
    const { code, message } = await failureOf(lock(arrays('ab'.repeat(32)), [files]));
    expect(code).toBe('DIST_RESOLVE_HASH_UNKNOWN');
    expect(message).toContain('arrays==1.0: no wheel for the target has one of the given hashes');
  });

  it('of an incompatible wheel are an error', async () => {
    const sha256 = await hashOf('arrays-1.0-cp312-cp312-manylinux_2_17_x86_64.whl');
    expect((await failureOf(lock(arrays(sha256), [files]))).message).toContain(
      'arrays==1.0: no wheel for the target has one of the given hashes',
    );
  });
});

describe('indexes', () => {
  const OWN: Offered[] = [{ fileName: 'arrays-1.0-py3-none-any.whl', requires: ['plots'] }];

  it('may each have other distributions', async () => {
    const others = NEW.filter(({ fileName }) => !fileName.startsWith('arrays'));
    const { packages } = await lock(SIGNAL, [OWN, others]);
    expect(packages.map(({ name, version, requires }) => [name, version, requires])).toEqual([
      ['arrays', '1.0', ['plots']],
      ['plots', '2.0', []],
      ['signal', '1.0', ['arrays', 'plots']],
    ]);
  });

  it.each([undefined, 'unsafe-best-match'])(
    'that have the same distribution are an error, with UV_INDEX_STRATEGY=%s',
    async (strategy) => {
      if (strategy !== undefined) process.env.UV_INDEX_STRATEGY = strategy;
      const { code, message } = await failureOf(lock(SIGNAL, [OWN, NEW]));
      expect(code).toBe('DIST_INDEX_AMBIGUOUS');
      expect(message).toMatch(
        /^arrays: 2 indexes have this project: without a name \(http:\S+\), default \(http:\S+\)\n/,
      );
      expect(message).toContain('"index": {"arrays": "default"}');
    },
  );

  it('are assigned by reqset.json, which the lock records by name', async () => {
    const [internal, open] = await Promise.all([IndexServer.start(OWN), IndexServer.start(NEW)]);
    servers.push(internal, open);
    const configuration = indexesAt(internal.url, open.url);
    configuration.indexes[0]?.names.push('internal');
    const inputs = { ...SIGNAL, indexes: { 'arr*': 'internal' } };
    const locked = await lockConfigured(configuration, inputs);
    expect(versions(locked)).toEqual(['arrays 1.0', 'plots 2.0', 'signal 1.0']);
    expect(locked.packages.map(({ source }) => source)).toMatchObject([{ wheel: { index: 'internal' } }, {}, {}]);
    expect(open.asked.filter((path) => path.includes('arrays'))).toEqual([]);
    const text = formatPylock(locked, { folder: 'reqsets/demo', wheels: 'dist/wheels/demo' });
    expect(text).toContain('index = "internal"');
    expect(text).not.toContain('127.0.0.1');
    expect(parsePylock(text, 'pylock.toml', 'reqsets/demo')).toEqual(locked);
    expect(inputsDigest({ sources: [], target: TARGET, ...inputs })).not.toBe(
      inputsDigest({ sources: [], target: TARGET, ...SIGNAL }),
    );
  });

  it('that reqset.json names have to be configured', async () => {
    const { code, message } = await failureOf(lock({ ...SIGNAL, indexes: { arrays: 'internal' } }, [NEW]));
    expect(code).toBe('DIST_INDEX_NOT_CONFIGURED');
    expect(message).toContain(
      'arrays: is taken from the index "internal" ("index" in reqset.json), which is not configured',
    );
  });

  it('that cannot be reached are reported without their password', async () => {
    const { code, message, subject } = await failureOf(lockFrom(['http://user:secret@127.0.0.1:9/simple'], SIGNAL));
    expect(code).toBe('DIST_INDEX_UNREACHABLE');
    expect(subject).toMatch(/^http:\/\/127\.0\.0\.1:9\/simple\/(?:arrays|plots|signal)\/$/);
    expect(message).not.toContain('secret');
  });

  it('that never end a page are reported with the limit', async () => {
    const { origin } = await serve({
      '/simple/signal/': (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        const more = (): void => {
          if (!response.destroyed) response.write(' '.repeat(65_536), () => setImmediate(more));
        };
        more();
      },
    });
    const limits = { ...DEFAULT_LIMITS, pageMiB: 1 };
    const index = IndexClient.of(indexesAt(`${origin}/simple`), { limits });
    const tools = {
      uv: await Uv.find(ROOT),
      index,
      progress: () => undefined,
      root: ROOT,
      cache,
      policy: planBuildPolicy(),
    };
    const locking = lockReqset('demo', { sources: [], target: TARGET, ...SIGNAL }, tools);
    expect((await failureOf(locking)).message).toContain(`${origin}/simple/signal/: sent more than 1048576 bytes`);
  });

  it('that offer a damaged wheel get another version chosen, or the reason reported', async () => {
    const broken = { fileName: 'arrays-3.0-py3-none-any.whl', metadata: false, declaredCount: 1 };
    expect(versions(await lock(SIGNAL, [[...NEW, broken]]))).toContain('arrays 2.0');
    const { message } = await failureOf(lock({ requirements: written('requirements.txt', 'arrays==3.0') }, [[broken]]));
    expect(message).toContain('arrays-3.0-py3-none-any.whl: the end record of the zip does not match');
  });

  it('get no requests from uv but through the gateway, which passes on their credentials', async () => {
    const server = await IndexServer.start(NEW.map((wheel) => ({ ...wheel, metadata: false })));
    servers.push(server);
    const programs = mkdtempSync(join(tmpdir(), 'pinpack-programs-'));
    const seen = join(programs, 'seen');
    writeFileSync(join(programs, 'uv'), `#!/bin/sh\n{ env; echo "$@"; } >>${seen}\nexec ${ROOT}/.venv/bin/uv "$@"\n`, {
      mode: 0o755,
    });
    process.env.UV_INDEX_INTERNAL_PASSWORD = 'secret';
    process.env.PIP_EXTRA_INDEX_URL = 'https://user:secret@index.example/simple';
    const path = process.env.PATH ?? '';
    process.env.PATH = `${programs}:${path}`;
    try {
      const index = IndexClient.of(indexesAt(server.url.replace('//', '//user:secret@')), { firstPause: 1 });
      const tools = {
        uv: await Uv.find(programs),
        index,
        progress: () => undefined,
        root: ROOT,
        cache,
        policy: planBuildPolicy(),
      };
      await lockReqset('demo', { sources: [], target: TARGET, ...SIGNAL }, tools);
    } finally {
      process.env.PATH = path;
    }
    const lines = readFileSync(seen, 'utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('pip compile'))).toHaveLength(1);
    expect(lines.filter((line) => /secret|user:/.test(line))).toEqual([]);
    rmSync(programs, { recursive: true });
  });
});
