import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderStore, storeFolder } from './folder-store.js';
import { StoreError } from './store-error.js';

const content = 'forty wheels\n';
const sha256 = createHash('sha256').update(content).digest('hex');
let folder: string;
let store: FolderStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-store-'));
  store = new FolderStore(folder);
});

const produce = (path: string): Promise<void> => writeFile(path, content);
const refuse = (): Promise<void> => Promise.reject(new Error('produced again'));

describe('getOrProduce', () => {
  it('keeps what was produced, and hands it out without producing it again', async () => {
    const path = await store.getOrProduce(sha256, produce);
    expect(await readFile(path, 'utf8')).toBe(content);
    expect(await store.getOrProduce(sha256, refuse)).toBe(path);
  });

  it('produces once for many askers at a time', async () => {
    let count = 0;
    const slowly = async (path: string): Promise<void> => {
      count++;
      await new Promise((done) => setTimeout(done, 100));
      await produce(path);
    };
    await Promise.all(Array.from({ length: 8 }, () => new FolderStore(folder).getOrProduce(sha256, slowly)));
    expect(count).toBe(1);
  });

  it('produces once for several processes', async () => {
    const script = `
      const { FolderStore } = await import(process.argv[1]);
      const { writeFile } = await import('node:fs/promises');
      await new FolderStore(process.argv[2]).getOrProduce('${sha256}', async (path) => {
        console.log('produced');
        await new Promise((done) => setTimeout(done, 300));
        await writeFile(path, ${JSON.stringify(content)});
      });`;
    const compiled = new URL('../dist/folder-store.js', import.meta.url).href;
    const run = () => execa(process.execPath, ['--input-type=module', '--eval', script, compiled, folder]);
    const outputs = await Promise.all([run(), run(), run()]);
    expect(outputs.map(({ stdout }) => stdout).join('')).toBe('produced');
  });

  it('produces a damaged blob again', async () => {
    const path = await store.getOrProduce(sha256, produce);
    await chmod(path, 0o644);
    await writeFile(path, 'forty whales\n');
    await store.getOrProduce(sha256, produce);
    expect(await readFile(path, 'utf8')).toBe(content);
  });

  it('refuses other content than was asked for and leaves nothing', async () => {
    const wrong = store.getOrProduce(sha256, (path) => writeFile(path, 'other'));
    await expect(wrong).rejects.toThrow(StoreError);
    await expect(wrong).rejects.toMatchObject({ code: 'STORE_CONTENT_DIFFERS' });
    expect(await readdir(join(folder, 'v1/sha256', sha256.slice(0, 2)))).toEqual([]);
  });

  it('leaves nothing when producing fails, and can be asked again', async () => {
    await expect(store.getOrProduce(sha256, refuse)).rejects.toThrow('produced again');
    expect(await readFile(await store.getOrProduce(sha256, produce), 'utf8')).toBe(content);
  });
});

describe('storeFolder', () => {
  it('is the folder of a file URL, else one in the cache folder of the user', () => {
    expect(storeFolder('file:///srv/pinpack%20store', {})).toBe('/srv/pinpack store');
    expect(storeFolder(undefined, { XDG_CACHE_HOME: '/home/a/.cache' })).toBe('/home/a/.cache/pinpack/store');
  });

  it('refuses what it does not know', () => {
    expect(() => storeFolder('ftp://there', {})).toThrow('ftp://there: not a store that pinpack knows');
  });
});
