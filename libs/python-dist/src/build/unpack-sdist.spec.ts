/** Valid sdists, and sdists with entries outside of the source tree. */
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeWheel } from '../wheel/wheel.fixture.js';
import { encodeTar, type SdistEntry } from './sdist.fixture.js';
import { unpackSdist } from './unpack-sdist.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pinpack-unpack-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function unpack(entries: SdistEntry[]): Promise<string> {
  const archive = join(folder, 'demo-1.0.tar.gz');
  writeFileSync(archive, encodeTar(entries));
  const tree = join(folder, 'tree');
  await unpackSdist(archive, tree);
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
    await unpackSdist(archive, join(folder, 'tree'));
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
  ])('is refused if %s', async (found, entries) => {
    await expect(unpack([{ path: 'demo-1.0/setup.py' }, ...entries])).rejects.toThrow(found);
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
    await expect(unpack([{ path: 'one/a' }, { path: 'two/a' }])).rejects.toThrow('has 2 entries at the top level');
    writeFileSync(join(folder, 'demo-1.0.tar.gz'), 'not an archive');
    await expect(unpackSdist(join(folder, 'demo-1.0.tar.gz'), join(folder, 'x'))).rejects.toHaveProperty(
      'code',
      'DIST_SOURCE_SDIST_UNREADABLE',
    );
  });
});
