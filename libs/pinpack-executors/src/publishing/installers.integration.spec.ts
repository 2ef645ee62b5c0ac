// What is published to a real S3 server, read by the real pip and uv: without credentials, over HTTP.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  startWebFront,
  type WebFront,
  describeWithS3,
  S3_BUCKET,
  startS3,
  temporaryFolder,
  type S3Server,
} from '@pinpack/testing';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { runExecutor, writeBuiltWorkspace } from './built-workspace.fixture.js';
import publish from '../executors/publish/executor.js';

const BIN = fileURLToPath(new URL('../../../../.venv/bin/', import.meta.url));
const MISSING = existsSync(join(BIN, 'uv')) ? undefined : 'there is no .venv with pip and uv: npm run setup';

describeWithS3('wheels in a bucket', () => {
  let server: S3Server;
  let front: WebFront;
  let base: string;

  beforeAll(async () => {
    server = await startS3({ publicPrefix: 'published' });
    base = `${server.endpoint}/${S3_BUCKET}/published`;
    front = await startWebFront(base);
  });
  afterAll(async () => {
    await front.stop();
    await server.stop();
  });
  beforeEach(() => {
    for (const [name, value] of Object.entries(server.environment('writer'))) vi.stubEnv(name, value);
    for (const name of ['PINPACK_PUBLISH', 'PINPACK_PUBLISH_URL']) vi.stubEnv(name, '');
  });

  async function publishDemo(version: string): Promise<string> {
    const pins = [
      { name: 'alpha', version, requires: ['beta>=2'] },
      { name: 'beta', version: '2.0' },
    ];
    const root = await writeBuiltWorkspace(pins, version);
    const plugin = { publish: { to: server.url('published'), url: base } };
    const { success, errors } = await runExecutor(publish, { reqset: 'demo' }, { root, plugin });
    expect([success, errors]).toEqual([true, '']);
    const id = /releases\/(.+)\//.exec(await (await fetch(`${base}/demo/mirrorlist`)).text())?.[1] ?? '';
    const list = await fetch(`${base}/demo/releases/${id}/wheels.json`);
    const { wheels } = (await list.json()) as { wheels: { name: string; version: string; sha256: string }[] };
    const lines = wheels.map((wheel) => `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
    const file = join(root, 'hashed.txt');
    writeFileSync(file, lines.join(''));
    return file;
  }

  async function install(program: 'pip' | 'uv', words: string[]): Promise<string> {
    const target = join(temporaryFolder(), 'target');
    const [command, ...first] =
      program === 'pip'
        ? [join(BIN, 'python'), '-m', 'pip', '--isolated', 'install', '--no-cache-dir', '--disable-pip-version-check']
        : [join(BIN, 'uv'), 'pip', 'install', '--no-config', '--no-cache', '--python', join(BIN, 'python')];
    await execa(command, [...first, '--require-hashes', '--target', target, ...words]);
    return readFileSync(join(target, 'alpha/__init__.py'), 'utf8');
  }

  it('anybody may read what is published, and nothing else', async () => {
    await publishDemo('1.0');
    expect((await fetch(`${base}/demo/demo.repo`)).status).toBe(200);
    const outside = await fetch(`${server.endpoint}/${S3_BUCKET}/private`);
    expect(outside.status).toBe(403);
    expect((await fetch(`${base}/demo/mirrorlist`, { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('has the content types, lifetimes and digests that readers and caches go by', async () => {
    await publishDemo('1.0');
    const head = async (path: string) => {
      const { headers } = await fetch(`${base}/demo/${path}`, { method: 'HEAD' });
      return [headers.get('content-type'), headers.get('cache-control')];
    };
    expect(await head('mirrorlist')).toEqual(['text/plain; charset=utf-8', 'no-cache']);
    expect(await head('simple/alpha/index.html')).toEqual(['text/html; charset=utf-8', 'no-cache']);
    expect(await head('simple/alpha/index.json')).toEqual(['application/vnd.pypi.simple.v1+json', 'no-cache']);
    const latest = (await (await fetch(`${base}/demo/mirrorlist`)).text()).trim().slice(`${base}/demo/`.length);
    const forever = 'public, max-age=31536000, immutable';
    expect(await head(`${latest}packages/demo-wheel-alpha-1.0.0-1.noarch.rpm`)).toEqual(['application/x-rpm', forever]);
    expect(await head(`${latest}repodata/repomd.xml`)).toEqual(['application/xml', forever]);
    expect(await head(`${latest}wheels/alpha-1.0-py3-none-any.whl`)).toEqual(['application/zip', forever]);
  });

  it.each(['pip', 'uv'] as const)('%s installs straight from the bucket, by hashes alone', async (program) => {
    if (MISSING !== undefined) throw new Error(MISSING);
    const hashed = await publishDemo('1.0');
    const words = ['--no-index', '--find-links', `${base}/demo/find-links.html`, '-r', hashed];
    expect(await install(program, words)).toBe('VERSION = "1.0"\n');
  });

  it.each(['pip', 'uv'] as const)(
    '%s installs from the index through a web server, the older lock too',
    async (program) => {
      const older = await publishDemo('1.0');
      const newer = await publishDemo('1.1');
      front.paths.length = 0;
      const index = ['--index-url', `${front.url}/demo/simple/`];
      expect(await install(program, [...index, '-r', newer])).toBe('VERSION = "1.1"\n');
      expect(await install(program, [...index, '-r', older])).toBe('VERSION = "1.0"\n');
      expect(front.paths).toContain('/demo/simple/alpha/');
      // The metadata is read without the wheel.
      if (program === 'uv') expect(front.paths.some((path) => path.endsWith('.whl.metadata'))).toBe(true);
    },
  );

  it('refuses a wheel that is another than its lock says', async () => {
    const hashed = await publishDemo('1.0');
    writeFileSync(hashed, readFileSync(hashed, 'utf8').replace(/sha256:..../g, 'sha256:0000'));
    const words = ['--no-index', '--find-links', `${base}/demo/find-links.html`, '-r', hashed];
    await expect(install('pip', words)).rejects.toThrow(/HASH|No matching distribution/);
  });

  it('says which right is missing', async () => {
    const root = await writeBuiltWorkspace([{ name: 'beta', version: '9.0' }], 'other');
    for (const [name, value] of Object.entries(server.environment('reader'))) vi.stubEnv(name, value);
    const plugin = { publish: { to: server.url('published'), url: base } };
    const { errors } = await runExecutor(publish, { reqset: 'demo' }, { root, plugin });
    expect(errors).toBe(
      `s3://${S3_BUCKET}/published: 403 AccessDenied [STORE_FORBIDDEN]\n  expected credentials with the permission s3:PutObject`,
    );
  });
});
