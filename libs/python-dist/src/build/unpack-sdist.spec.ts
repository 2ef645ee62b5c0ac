/** Valid sdists, and sdists with entries outside of the source tree. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeWheel, encodeZip } from '../wheel/wheel.fixture.js';
import type { SdistLimits } from './sdist-budget.js';
import { encodePlainTar, encodeTar, type SdistEntry } from './sdist.fixture.js';
import { unpackSdist } from './unpack-sdist.js';

const LIMITS: SdistLimits = { sdistMiB: 100, sdistRatio: 100, sdistEntries: 1000 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pinpack-unpack-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function unpack(entries: SdistEntry[], limits: SdistLimits = LIMITS): Promise<string> {
  const archive = join(folder, 'demo-1.0.tar.gz');
  writeFileSync(archive, encodeTar(entries));
  const tree = join(folder, 'tree');
  await unpackSdist(archive, tree, limits);
  return tree;
}

describe('an sdist', () => {
  it('becomes a source tree with modes 0644 and 0755 under any umask', async () => {
    const old = process.umask(0o077);
    try {
      const tree = await unpack([
        { path: 'demo-1.0', type: 'Directory', mode: 0o700 },
        { path: 'demo-1.0/configure', data: '#!/bin/sh', mode: 0o744 },
        { path: 'demo-1.0/src/a.c', data: 'int a;', mode: 0o600 },
        { path: 'demo-1.0/link.c', type: 'SymbolicLink', linkpath: 'src/a.c' },
      ]);
      expect(readFileSync(join(tree, 'src/a.c'), 'utf8')).toBe('int a;');
      expect(readlinkSync(join(tree, 'link.c'))).toBe('src/a.c');
      const modes = ['.', 'configure', 'src', 'src/a.c'].map((path) =>
        (statSync(join(tree, path)).mode & 0o777).toString(8),
      );
      expect(modes).toEqual(['755', '755', '755', '644']);
    } finally {
      process.umask(old);
    }
  });

  it('may be a zip', async () => {
    const archive = join(folder, 'demo-1.0.zip');
    const fileName = 'demo-1.0-py3-none-any.whl';
    writeFileSync(
      archive,
      encodeWheel({ fileName, distInfo: 'demo-1.0/x', files: [{ name: 'demo-1.0/a.py', data: 'a = 1' }] }),
    );
    await unpackSdist(archive, join(folder, 'tree'), LIMITS);
    expect(readFileSync(join(folder, 'tree/a.py'), 'utf8')).toBe('a = 1');
  });

  it.each<[string, SdistEntry[]]>([
    ['../outside.py leads out', [{ path: '../outside.py' }]],
    ['demo-1.0/../../outside.py leads out', [{ path: 'demo-1.0/../../outside.py' }]],
    ['/tmp/outside.py leads out', [{ path: '/tmp/outside.py' }]],
    ['demo-1.0/a is a link to /etc/passwd', [{ path: 'demo-1.0/a', type: 'SymbolicLink', linkpath: '/etc/passwd' }]],
    ['demo-1.0/a is a link to ../../x', [{ path: 'demo-1.0/a', type: 'SymbolicLink', linkpath: '../../x' }]],
    ['demo-1.0/a is a link to ../x', [{ path: 'demo-1.0/a', type: 'Link', linkpath: '../x' }]],
    ['demo-1.0/a is a CharacterDevice', [{ path: 'demo-1.0/a', type: 'CharacterDevice' }]],
    ['demo-1.0/a is a FIFO', [{ path: 'demo-1.0/a', type: 'FIFO' }]],
    ['demo-1.0/a/b is a link to ../../x', [{ path: 'demo-1.0/a/b', type: 'SymbolicLink', linkpath: '../../x' }]],
    [
      'demo-1.0/b is a link to a/../../../x',
      [
        { path: 'demo-1.0/c/d', type: 'Directory' },
        { path: 'demo-1.0/a', type: 'SymbolicLink', linkpath: 'c/d' },
        { path: 'demo-1.0/b', type: 'SymbolicLink', linkpath: 'a/../../../x' },
      ],
    ],
    [
      'demo-1.0/a is a link that leads out',
      [
        { path: 'demo-1.0/a', type: 'SymbolicLink', linkpath: 'b/c/../..' },
        { path: 'demo-1.0/b/c', type: 'SymbolicLink', linkpath: '..' },
      ],
    ],
  ])('is refused if %s', async (found, entries) => {
    await expect(unpack([{ path: 'demo-1.0/setup.py' }, ...entries])).rejects.toThrow(found);
  });

  it('may have links that stay inside', async () => {
    const tree = await unpack([
      { path: 'demo-1.0/README.md', data: 'read' },
      { path: 'demo-1.0/src/deep/a.c', data: 'int a;' },
      { path: 'demo-1.0/docs/README.md', type: 'SymbolicLink', linkpath: '../README.md' },
      { path: 'demo-1.0/hard.md', type: 'Link', linkpath: 'demo-1.0/README.md' },
      { path: 'demo-1.0/docs/hard.md', type: 'Link', linkpath: 'demo-1.0/docs/README.md' },
      { path: 'demo-1.0/here', type: 'SymbolicLink', linkpath: './' },
      { path: 'demo-1.0/deep', type: 'SymbolicLink', linkpath: 'src/deep' },
      { path: 'demo-1.0/deep/b.c', data: 'int b;' },
      { path: 'demo-1.0/around', type: 'SymbolicLink', linkpath: '../demo-1.0/src/deep/a.c' },
      { path: 'demo-1.0/missing', type: 'SymbolicLink', linkpath: 'not/there' },
      { path: 'demo-1.0/loop', type: 'SymbolicLink', linkpath: 'loop' },
    ]);
    for (const path of ['docs/README.md', 'hard.md', 'docs/hard.md', 'here/hard.md'])
      expect(readFileSync(join(tree, path), 'utf8'), path).toBe('read');
    expect(readFileSync(join(tree, 'src/deep/b.c'), 'utf8')).toBe('int b;');
    expect(readFileSync(join(tree, 'around'), 'utf8')).toBe('int a;');
    expect(readlinkSync(join(tree, 'docs/README.md'))).toBe('../README.md');
    expect(statSync(join(tree, 'hard.md')).nlink).toBe(3);
  });

  it.each<[string, SdistLimits, SdistEntry[]]>([
    ['sdistMiB', { ...LIMITS, sdistRatio: 2000 }, [{ path: 'demo-1.0/a', declaredSize: 3 * 1024 ** 3 }]],
    ['sdistRatio', LIMITS, [{ path: 'demo-1.0/a', declaredSize: 65 * 1024 ** 2 }]],
    ['sdistRatio', LIMITS, [{ path: 'demo-1.0/a', data: Buffer.alloc(65 * 1024 ** 2) }]],
    ['sdistEntries', LIMITS, Array.from({ length: 1001 }, (_, at) => ({ path: `demo-1.0/${at}` }))],
    ['sdistEntries', LIMITS, Array.from({ length: 30 }, (_, at) => ({ path: `demo-1.0/${at}/${'a/'.repeat(40)}b` }))],
  ])('is refused if it exceeds %s', async (limit, limits, entries) => {
    await expect(unpack(entries, limits)).rejects.toMatchObject({
      code: 'DIST_SOURCE_SDIST_TOO_LARGE',
      message: expect.stringContaining(`raise builds.${limit}`) as string,
    });
    // Nothing is left behind.
    expect(readdirSync(folder)).toEqual(['demo-1.0.tar.gz']);
  });

  it('is refused if it goes on after its end, or is compressed twice', async () => {
    const tar = encodePlainTar([{ path: 'demo-1.0/a' }]);
    const archive = join(folder, 'demo-1.0.tar.gz');
    writeFileSync(archive, gzipSync(Buffer.concat([tar, Buffer.alloc(65 * 1024 ** 2)])));
    const code = (name: string) => unpackSdist(archive, join(folder, name), LIMITS).catch((error: unknown) => error);
    expect(await code('long')).toHaveProperty('code', 'DIST_SOURCE_SDIST_TOO_LARGE');
    writeFileSync(archive, gzipSync(gzipSync(tar)));
    expect(await code('twice')).toHaveProperty('code', 'DIST_SOURCE_SDIST_UNREADABLE');
  });

  it('is refused if a zip declares more than the limit', async () => {
    const archive = join(folder, 'demo-1.0.zip');
    writeFileSync(archive, encodeZip([{ name: 'demo-1.0/a', data: Buffer.alloc(65 * 1024 ** 2) }]));
    await expect(unpackSdist(archive, join(folder, 'tree'), LIMITS)).rejects.toThrow('more than 100 times');
  });

  it('is refused if it writes through one of its links', async () => {
    await expect(
      unpack([
        { path: 'demo-1.0/here', type: 'SymbolicLink', linkpath: '.' },
        { path: 'demo-1.0/here/up', type: 'SymbolicLink', linkpath: '..' },
        { path: 'demo-1.0/here/up/../../x', data: 'x' },
      ]),
    ).rejects.toHaveProperty('code', expect.stringMatching(/^DIST_SOURCE_SDIST_/));
  });

  it('is refused if it has more than one folder, or is not a tar file', async () => {
    await expect(unpack([{ path: 'one/a' }, { path: 'two/a' }])).rejects.toThrow('has one and two at the top level');
    writeFileSync(join(folder, 'demo-1.0.tar.gz'), 'not an archive');
    await expect(unpackSdist(join(folder, 'demo-1.0.tar.gz'), join(folder, 'x'), LIMITS)).rejects.toHaveProperty(
      'code',
      'DIST_SOURCE_SDIST_UNREADABLE',
    );
  });
});
