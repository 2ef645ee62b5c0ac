import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LayerEntry } from './layer.js';
import { file, folder, link, writeBase, type SampleBase } from './image.fixture.js';
import { parseLocation } from './location.js';
import { openImage } from './open-image.js';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import { resolveInRoot } from './resolve.js';
import { unpackImage } from './unpack.js';

const temporary = temporaryFolder();
let count = 0;

async function unpack(layers: LayerEntry[][], sample: SampleBase = {}): Promise<{ root: string; layout: string }> {
  const layout = join(temporary, `layout${count++}`);
  const root = `${layout}.root`;
  await writeBase(layout, layers, sample);
  mkdirSync(root);
  await unpackImage(await openImage(parseLocation(layout), undefined), root);
  return { root, layout };
}

const LAYERS = [
  [
    folder('usr'),
    folder('usr/bin'),
    file('usr/bin/a', 'old', { mode: 0o4755 }),
    link('bin', 'usr/bin'),
    folder('etc'),
    file('etc/gone', 'x'),
    file('etc/stays', 'x'),
    folder('srv'),
    file('srv/below', 'x'),
    file('kind', 'a file'),
  ],
  [
    file('usr/bin/a', 'new', { mode: 0o755 }),
    file('etc/.wh.gone', ''),
    folder('srv'),
    file('srv/.wh..wh..opq', ''),
    file('srv/above', 'y'),
    folder('kind'),
    file('kind/inside', 'z'),
  ],
];

describe('unpackImage', () => {
  test.each(['gzip', 'zstd'] as const)(
    'lays layers of %s over each other, with what they take away',
    async (compression) => {
      const { root } = await unpack(LAYERS, { compression });
      expect(readFileSync(join(root, 'bin/a'), 'utf8')).toBe('new');
      expect(readdirSync(join(root, 'etc'))).toEqual(['stays']);
      expect(readdirSync(join(root, 'srv'))).toEqual(['above']);
      expect(readFileSync(join(root, 'kind/inside'), 'utf8')).toBe('z');
    },
  );

  test('keeps no setuid bits', async () => {
    const { root } = await unpack([[file('su', 'x', { mode: 0o4755 })]]);
    expect(statSync(join(root, 'su')).mode & 0o7777).toBe(0o755);
  });

  test('follows links inside of the root only', async () => {
    const { root } = await unpack([
      [link('out', '/'), link('up', '../../../..'), folder('usr'), link('lib', '/usr')],
      [file('out/a', '1'), file('up/b', '2'), file('lib/c', '3')],
    ]);
    expect(readdirSync(root).sort()).toEqual(['a', 'b', 'lib', 'out', 'up', 'usr']);
    expect(readFileSync(join(root, 'usr/c'), 'utf8')).toBe('3');
  });

  test('refuses a path that leads out, and links in a circle', async () => {
    await expect(unpack([[file('../evil', 'x')]])).rejects.toThrow('leads out of the layer');
    expect(existsSync(join(temporary, 'evil'))).toBe(false);
    await expect(unpack([[link('a', 'b'), link('b', 'a')], [file('a/x', '1')]])).rejects.toThrow('lead nowhere');
  });
});

describe('resolveInRoot', () => {
  test('follows links as a process with that root would, and finds nothing outside', async () => {
    const { root } = await unpack([
      [
        folder('a'),
        file('a/f', 'x'),
        link('abs', '/a/f'),
        link('up', '../../a'),
        link('out', '/etc/passwd'),
        link('o', 'o'),
      ],
    ]);
    const found = ['abs', 'up/f', '../../a/f', 'a', 'out', 'o', 'none', 'a/f/x'].map((path) =>
      resolveInRoot(root, path),
    );
    const inside = found.map((path) => path?.slice(root.length));
    expect(inside).toEqual(['/a/f', '/a/f', '/a/f', '/a', undefined, undefined, undefined, undefined]);
  });
});

describeWith(['umoci'], 'umoci', () => {
  test('unpacks the same', async () => {
    const { root, layout } = await unpack(LAYERS);
    const bundle = `${layout}.bundle`;
    run('umoci', ['unpack', '--rootless', '--image', `${layout}:base`, bundle]);
    const listing = (path: string): string =>
      run('bash', [
        '-c',
        'cd "$1" && find . -type f -exec sha256sum {} + -o -printf "%y %p %l\\n" | sort',
        'list',
        path,
      ]);
    expect(listing(root)).toBe(listing(join(bundle, 'rootfs')));
  });
});
