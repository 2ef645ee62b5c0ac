import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderTarget } from './folder-target.js';
import { Publications } from './publications.js';
import { describePublication, filesOf, URL_OF_READERS } from './publications.fixture.js';

async function newFolder(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'pinpack-published-')), 'not', 'there yet');
}

describePublication('a folder', async () => new FolderTarget(await newFolder()));

describe('a folder behind a web server', () => {
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0o077);
  });
  afterEach(() => {
    process.umask(umask);
  });

  it('is world-readable under any umask', async () => {
    const folder = await newFolder();
    const publications = new Publications(new FolderTarget(folder));
    const files = filesOf({ 'packages/a.rpm': 'a', 'repodata/repomd.xml': 'b' });
    await publications.publish({ label: 'demo', url: URL_OF_READERS, files });
    await publications.publish({ label: 'demo', url: URL_OF_READERS, files: [...files, ...filesOf({ c: 'c' })] });
    await publications.write('demo', filesOf({ 'demo.repo': '[demo]', 'simple/index.html': '<a>' }));
    const below = await readdir(join(folder, 'demo'), { recursive: true });
    expect(below.length).toBeGreaterThan(15);
    for (const path of ['.', ...below]) {
      const { mode } = await stat(join(folder, 'demo', path));
      expect([path, (mode & 0o044).toString(8)]).toEqual([path, '44']);
    }
  });

  it('hard-links files of an earlier publication', async () => {
    const folder = await newFolder();
    const publications = new Publications(new FolderTarget(folder));
    const first = await publications.publish({ label: 'demo', url: URL_OF_READERS, files: filesOf({ a: 'a' }) });
    const second = await publications.publish({
      label: 'demo',
      url: URL_OF_READERS,
      files: filesOf({ a: 'a', b: 'b' }),
    });
    const inodes = [first, second].map(async ({ id }) => (await stat(join(folder, 'demo/releases', id, 'a'))).ino);
    expect(new Set(await Promise.all(inodes)).size).toBe(1);
  });
});
