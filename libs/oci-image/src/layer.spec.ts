import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { file, folder, link } from './image.fixture.js';
import { encodeLayer } from './layer.js';
import { makeLayer } from './make-layer.js';
import { run, temporaryFolder } from '@pinpack/testing';

const temporary = temporaryFolder();
const LONG = `usr/lib/${'a-long-name/'.repeat(20)}${'x'.repeat(120)}`;

function archive(...entries: Parameters<typeof encodeLayer>[0]): Buffer {
  return Buffer.concat([...encodeLayer(entries)]);
}

describe('encodeLayer', () => {
  test('is what tar lists: owners, modes, times, links, long and other names', () => {
    const path = join(temporary, 'layer.tar');
    writeFileSync(
      path,
      archive(
        folder('usr'),
        file('usr/a', 'abc', { mode: 0o755, mtime: 315_532_800 }),
        link('usr/l', '../opt/x'),
        file('usr/ü', '', { uid: 999, gid: 998 }),
        file(LONG, 'x'.repeat(513)),
        link('usr/long-target', LONG),
      ),
    );
    const lines = run('tar', ['--numeric-owner', '--full-time', '-tvf', path, '--quoting-style=literal'])
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/',
      '-rwxr-xr-x 0/0 3 1980-01-01 00:00:00 usr/a',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 usr/l -> ../opt/x',
      `-rw-r--r-- 0/0 513 1970-01-01 00:00:00 ${LONG}`,
      `lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 usr/long-target -> ${LONG}`,
      '-rw-r--r-- 999/998 0 1970-01-01 00:00:00 usr/ü',
    ]);
  });

  test('is unpacked by tar as it was given', () => {
    const path = join(temporary, 'content.tar');
    writeFileSync(path, archive(file(LONG, 'deep'), link('l', 'usr'), file('big', 'x'.repeat(100_000))));
    mkdirSync(join(temporary, 'out'));
    run('tar', ['-xf', path, '-C', join(temporary, 'out')]);
    expect(readFileSync(join(temporary, 'out', LONG), 'utf8')).toBe('deep');
    expect(readFileSync(join(temporary, 'out/big'), 'utf8')).toBe('x'.repeat(100_000));
    expect(readlinkSync(join(temporary, 'out/l'))).toBe('usr');
  });

  test('has each path once, and the same bytes in whatever order they come', () => {
    const one = archive(folder('a'), file('a/b', '1'), file('c', '2'));
    expect(archive(file('c', '2'), folder('a'), file('a/b', '1'), folder('a')).equals(one)).toBe(true);
  });
});

describe('makeLayer', () => {
  test.each(['gzip', 'zstd'] as const)('with %s is read by that program, and named by its digests', async (program) => {
    const entries = [file('a', 'abc'.repeat(1_000_000))];
    const { chunks, descriptor, diffId } = await makeLayer(entries, program);
    const path = join(temporary, `layer.${program}`);
    writeFileSync(path, Buffer.concat(chunks));
    expect(run('sha256sum', [path]).split(' ')[0]).toBe(descriptor.digest.slice(7));
    const tar = join(temporary, `${program}.tar`);
    writeFileSync(tar, archive(...entries));
    expect(diffId.slice(7)).toBe(run('sha256sum', [tar]).split(' ')[0]);
    run('bash', ['-c', '"$1" -dc < "$2" | cmp - "$3"', 'compare', program, path, tar]);
    expect(descriptor.mediaType).toBe(`application/vnd.oci.image.layer.v1.tar+${program}`);
  });

  test("gzip's bytes have neither time nor name in them", async () => {
    const { chunks } = await makeLayer([], 'gzip');
    const data = Buffer.concat(chunks);
    expect(data.subarray(0, 10).toString('hex')).toBe('1f8b0800000000000003');
    expect(gunzipSync(data)).toEqual(Buffer.alloc(1024));
  });
});
