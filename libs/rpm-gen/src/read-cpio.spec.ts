import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWith, runForBytes, temporaryFolder } from '@pinpack/testing';
import { RpmError } from './errors.js';
import type { ListedFile } from './file-list.js';
import { packPayload } from './payload.js';
import { parseCpio, pathOf, readHex, strippedSizes } from './read-cpio.js';
import { NONE, sampleEntries } from './samples.fixture.js';

const listed = (path: string, more: Partial<ListedFile> = {}): ListedFile => ({
  ...{ path, kind: 'file', mode: 0o644, mtime: 0, size: 0, target: '', isGhost: false, inode: 0 },
  ...more,
});

function textsOf(contents: Map<string, Buffer>): Record<string, string> {
  return Object.fromEntries([...contents].map(([path, data]) => [path, data.toString()]));
}

const hex = (value: number) => value.toString(16).padStart(8, '0');
const padded = (text: string) => text.padEnd(Math.ceil(text.length / 4) * 4, '\0');

/** `sizes` are the fields of the file's size and the name's. */
function newc(path: string, content = '', sizes: { size?: string; nameSize?: string } = {}): string {
  const { size = hex(content.length), nameSize = hex(path.length + 1) } = sizes;
  return padded(`070701${hex(0).repeat(6)}${size}${hex(0).repeat(4)}${nameSize}${hex(0)}${path}\0`) + padded(content);
}

const stripped = (index: string, content = '') => padded(`07070X${index}`) + padded(content);
const TRAILER = newc('TRAILER!!!');

function read(archive: string, files: ListedFile[] = []): Record<string, string> {
  return textsOf(parseCpio(Buffer.from(archive), files, 'x.rpm'));
}

describe('sizes', () => {
  it('may have digits of both cases', () => {
    expect(read(newc('./a', 'hello, world', { size: '0000000C' }) + TRAILER)).toEqual({ '/a': 'hello, world' });
    expect(read(newc('./a', 'hello, world', { size: '0000000c' }) + TRAILER)).toEqual({ '/a': 'hello, world' });
  });

  // parseInt reads these.
  it.each(['+0000001', '-0000001', ' 0000001', '0000001 ', '0x000001', '000001.5', '0000000g'])(
    'are not %j',
    (field) => {
      const damaged = 'x.rpm: the payload has no cpio member at byte 116,';
      expect(() => read(newc('./a') + newc('./b', 'x', { size: field }) + TRAILER)).toThrow(damaged);
      expect(() => read(newc('./a') + newc('./b', 'x', { nameSize: field }) + TRAILER)).toThrow(damaged);
    },
  );

  it.each([
    newc('./b', 'x', { size: 'ffffffff' }),
    newc('./b', 'x', { nameSize: 'ffffffff' }),
    `070702${newc('./b').slice(6)}`,
  ])('and headers that lead nowhere are refused: %j', (member) => {
    expect(() => read(newc('./a') + member + TRAILER)).toThrow('x.rpm: the payload has no cpio member at byte 116,');
  });
});

describe("rpm's own form", () => {
  it('takes paths and sizes from the header, of a file with several names the content with the last', () => {
    const files = [
      listed('/d', { kind: 'directory', inode: 1 }),
      listed('/f', { size: 5, inode: 2 }),
      listed('/h1', { size: 3, inode: 3 }),
      listed('/h2', { size: 3, inode: 3 }),
      listed('/l', { kind: 'symlink', size: 2, inode: 5 }),
    ];
    const members = [
      stripped(hex(0)),
      stripped(hex(1), 'hello'),
      stripped(hex(4), '/f'),
      stripped(hex(2)),
      stripped(hex(3), 'you'),
    ];
    expect(read(members.join('') + TRAILER, files)).toEqual({
      '/d': '',
      '/f': 'hello',
      '/l': '/f',
      '/h1': '',
      '/h2': 'you',
    });
  });

  it.each(['00000001', '-0000000', 'ffffffff'])('refuses the index %s, which the header lacks', (index) => {
    const damaged = 'x.rpm: the payload has no cpio member at byte 16,';
    expect(() => read(stripped(hex(0)) + stripped(index) + TRAILER, [listed('/a')])).toThrow(damaged);
  });

  it('refuses content that ends past the archive', () => {
    const facts = { code: 'RPM_DAMAGED', subject: 'x.rpm' };
    expect(() => read(stripped(hex(0), 'x'), [listed('/a', { size: 5 })])).toThrow(expect.objectContaining(facts));
  });
});

describe('strippedSizes', () => {
  it.each<[string, Partial<ListedFile>[], number[]]>([
    ['files without inodes are files of their own', [{ size: 3 }, { size: 3 }], [3, 3]],
    [
      'only the last name of a file has its content',
      [
        { size: 3, inode: 7 },
        { size: 4, inode: 8 },
        { size: 3, inode: 7 },
      ],
      [0, 4, 3],
    ],
    [
      'a ghost is not in the archive',
      [
        { size: 3, inode: 7 },
        { size: 3, inode: 7, isGhost: true },
      ],
      [3, 0],
    ],
    [
      'a symlink is no other name of a file',
      [
        { size: 3, inode: 7 },
        { size: 2, inode: 7, kind: 'symlink' },
      ],
      [3, 2],
    ],
    [
      'nor a file one of a symlink',
      [
        { size: 2, inode: 7, kind: 'symlink' },
        { size: 3, inode: 7 },
      ],
      [2, 3],
    ],
  ])('%s', (_title, files, sizes) => {
    expect(strippedSizes(files.map((file, i) => listed(`/${i}`, file)))).toEqual(sizes);
  });
});

it.each([
  ['./usr/a', '/usr/a'],
  ['/usr/a', '/usr/a'],
  ['a.spec', 'a.spec'],
  ['.hidden', '.hidden'],
  ['../a', '../a'],
  ['a./b', 'a./b'],
  ['./é', '/é'],
])('the member %s is the file %s', (name, path) => {
  expect(pathOf(Buffer.from(`${name}\0`))).toBe(path);
});

it('reads 8 digits anywhere in the archive, and no fewer', () => {
  expect(readHex(Buffer.from('zz000000fFzz'), 2)).toBe(255);
  expect(readHex(Buffer.from('zz000000f'), 2)).toBeNaN();
});

it('refuses every truncation', async () => {
  const { data } = await packPayload(sampleEntries(), NONE);
  const archive = Buffer.from(data);
  expect(parseCpio(archive, [], 'whole.rpm').size).toBe(sampleEntries().length - 1);
  // The last bytes pad the trailer.
  for (let length = 0; length < archive.length - 4; length++)
    expect(() => parseCpio(archive.subarray(0, length), [], 'cut.rpm'), `at ${length}`).toThrow(RpmError);
});

describeWith(['cpio'], 'an archive of GNU cpio', () => {
  it('has the contents of its members, those of a file with two names with one of them', () => {
    const at = temporaryFolder();
    mkdirSync(join(at, 'usr'));
    const lengths = [0, 1, 2, 3, 4, 1000];
    for (const length of lengths) writeFileSync(join(at, `usr/é${length}`), 'x'.repeat(length));
    symlinkSync('é1', join(at, 'usr/link'));
    writeFileSync(join(at, 'usr/name'), 'linked');
    linkSync(join(at, 'usr/name'), join(at, 'usr/again'));
    const names = ['usr', 'usr/link', 'usr/name', 'usr/again', ...lengths.map((length) => `usr/é${length}`)];
    const options = ['-o', '-H', 'newc', '--quiet', '-D', at];
    const archive = runForBytes('cpio', options, Buffer.from(names.join('\n')));
    const { 'usr/name': name, 'usr/again': again, ...others } = textsOf(parseCpio(Buffer.from(archive), [], 'gnu'));
    expect([name, again].sort()).toEqual(['', 'linked']);
    expect(others).toEqual({
      ...{ usr: '', 'usr/link': 'é1' },
      ...Object.fromEntries(lengths.map((length) => [`usr/é${length}`, 'x'.repeat(length)])),
    });
  });
});
