import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@pinpack/python-dist';
import { beforeEach, describe, expect, it, vi } from 'vitest';
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
    const fetcher = new WheelFetcher(root, Promise.resolve(store), DEFAULT_LIMITS);
    const onBytes = vi.fn();
    expect(await fetcher.fetch('a', wheel, join(root, 'dist', wheel.name), onBytes)).toBe(false);
    expect(await readFile(join(root, 'dist', wheel.name), 'utf8')).toBe(content);
    expect(onBytes.mock.calls).toEqual([[content.length]]);
    await rm(root, { recursive: true });
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
