import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openStoreOfRun } from '../tasks/store-of-run.js';
import { WheelFetcher } from './fetch-wheel.js';

const content = 'forty wheels\n';
const wheel = {
  name: 'a-1-py3-none-any.whl',
  size: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
};
let root: string;
let environment: Record<string, string>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pinpack-fetch-'));
  environment = { XDG_CACHE_HOME: join(root, 'cache') };
  // An index that can't answer, whatever this machine is configured with.
  await writeFile(join(root, 'uv.toml'), 'index-url = "http://127.0.0.1:9/simple"\n');
});

describe('WheelFetcher', () => {
  it('takes a wheel from the store without an index, and reports its size', async () => {
    const store = await openStoreOfRun({}, environment);
    await store?.getOrProduce(wheel.sha256, (path) => writeFile(path, content));
    const fetcher = new WheelFetcher(root, Promise.resolve(store), {});
    const onBytes = vi.fn();
    expect(await fetcher.fetch('a', wheel, join(root, 'dist', wheel.name), onBytes)).toBe(false);
    expect(await readFile(join(root, 'dist', wheel.name), 'utf8')).toBe(content);
    expect(onBytes.mock.calls).toEqual([[content.length]]);
  });

  it('leaves the wheel at its destination without a store', async () => {
    const destination = join(root, 'dist', wheel.name);
    const fetcher = new WheelFetcher(root, Promise.resolve(undefined), {});
    await expect(fetcher.open('a', wheel, destination)).rejects.toThrow('127.0.0.1:9');
    expect(existsSync(destination)).toBe(false);
  });
});

describe('the remote store', () => {
  const sdist = { ...wheel, name: 'a-1.tar.gz' };

  /** Uploads that wait for a store that does not answer. @param settings - of uv.toml, with the origin of an index in place of `{origin}` */
  async function uploadsOf(
    mirror: 'all' | 'private' | 'none' | undefined,
    settings: string,
    index?: string,
  ): Promise<number> {
    const server = createServer((request, response) => {
      if (request.url?.endsWith('.tar.gz') === true) response.end(content);
      else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(`<a href="/files/${sdist.name}#sha256=${sdist.sha256}">${sdist.name}</a>`);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await writeFile(join(root, 'uv.toml'), settings.replaceAll('{origin}', origin));
    const url = 's3://bucket?region=us-east-1&endpoint=http://127.0.0.1:9';
    const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', PINPACK_STORE_RUN: join(root, 'run') };
    const store = await openStoreOfRun({ store: url }, { ...environment, ...keys, CI: 'true' });
    const fetcher = new WheelFetcher(root, Promise.resolve(store), mirror === undefined ? {} : { mirror });
    const path = await fetcher.open('a', { ...sdist, ...(index !== undefined && { index }) }, join(root, sdist.name));
    expect(await readFile(path, 'utf8')).toBe(content);
    const outbox = await readdir(join(root, 'cache/pinpack/store/outbox')).catch(() => []);
    await store?.close();
    return outbox.length;
  }

  const PUBLIC = 'index-url = "http://{origin}/simple"\n';
  const WITH_CREDENTIALS = 'index-url = "http://user:password@{origin}/simple"\n';
  const BESIDE =
    '[[index]]\nurl = "http://127.0.0.1:9/simple"\ndefault = true\n[[index]]\nname = "own"\nurl = "http://{origin}/simple"\n';

  it.each([
    ['none from the default index', undefined, PUBLIC, 0],
    ['those of an index with credentials', undefined, WITH_CREDENTIALS, 1],
    ['all', 'all', PUBLIC, 1],
    ['none', 'none', WITH_CREDENTIALS, 0],
  ] as const)('gets downloads by the setting: %s', async (_name, mirror, settings, expected) => {
    expect(await uploadsOf(mirror, settings)).toBe(expected);
  });

  /** Fetches a wheel that is in the remote store. @returns how many requests the index got */
  async function fetchStored(settings: string, status: number): Promise<{ requests: number; isFromIndex: boolean }> {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests++;
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await writeFile(join(root, 'uv.toml'), settings.replaceAll('{origin}', origin));
    const url = `file://${join(root, 'shared')}`;
    const filled = await openStoreOfRun({ store: url }, { ...environment, PINPACK_STORE_MODE: 'read-write' });
    await filled?.getOrProduce(wheel.sha256, (path) => writeFile(path, content));
    await filled?.close();
    const store = await openStoreOfRun({ store: url }, { ...environment, PINPACK_STORE_MODE: 'read' });
    const destination = join(root, 'dist', wheel.name);
    const isFromIndex = await new WheelFetcher(root, Promise.resolve(store), {}).fetch('a', wheel, destination);
    await store?.close();
    expect(await readFile(destination, 'utf8')).toBe(content);
    return { requests, isFromIndex };
  }

  it('has a wheel of a private index, which is not asked', async () => {
    expect(await fetchStored(WITH_CREDENTIALS, 404)).toEqual({ requests: 0, isFromIndex: false });
  });

  it('is asked for a wheel of a public index if the index does not have it any more', async () => {
    const { requests, isFromIndex } = await fetchStored(PUBLIC, 404);
    expect(requests).toBeGreaterThan(0);
    expect(isFromIndex).toBe(false);
  });

  it('gets those of an index beside the default one', async () => {
    expect(await uploadsOf(undefined, BESIDE, 'own')).toBe(1);
  });
});

describe('openStoreOfRun', () => {
  it('opens none with the mode off', async () => {
    expect(await openStoreOfRun({}, { ...environment, PINPACK_STORE_MODE: 'off' })).toBeUndefined();
  });

  it('writes nothing to a shared folder without a sandbox', async () => {
    const file = join(root, 'a.whl');
    await writeFile(file, content);
    const kept = async (sandbox: 'on' | 'off'): Promise<string[]> => {
      const folder = join(root, `shared-${sandbox}`);
      const store = await openStoreOfRun({ store: `file://${folder}`, sandbox }, { ...environment, CI: 'true' });
      await store?.put({ kind: 'wheel', key: 'ab'.repeat(32), fileName: 'a.whl', attachments: {} }, file);
      await store?.flush(1000);
      await store?.close();
      return existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
    };
    expect(await kept('off')).toEqual([]);
    expect(await kept('on')).not.toEqual([]);
  });

  it('continues without a store if its URL is wrong, with a warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    expect(await openStoreOfRun({ store: 'ftp://there' }, environment)).toBeUndefined();
    expect(warn.mock.calls).toHaveLength(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/ftp:\/\/there: it is not.*continues without a store/s);
    warn.mockRestore();
  });

  it('records it in the journal of the run, if there is one', async () => {
    const run = join(root, 'run');
    const options = { store: 's3://bucket', publicKeys: ['no key'] };
    expect(await openStoreOfRun(options, { ...environment, PINPACK_STORE_RUN: run })).toBeUndefined();
    expect(await readFile(join(run, 'warned'), 'utf8')).toContain('publicKeys[0]: not a public Ed25519 key');
  });
});
