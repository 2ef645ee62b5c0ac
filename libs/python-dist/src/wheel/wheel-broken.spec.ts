import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readContents } from './canonical-wheel.js';
import { DistError } from '../dist-error.js';
import { openWheel } from './wheel.js';
import { DEMO, encodeWheel, encodeZip, type FixtureWheel, writeTemporary, writeWheel } from './wheel.fixture.js';

const INFO = 'demo-1.0.dist-info';
const file = (name: string, more: object = {}) => ({ name, data: 'data', ...more });
const nested = (name: string) => encodeZip([{ name, data: 'inner', method: 0 }]);

/** Broken wheels by their expected message. */
const BROKEN: Record<string, readonly [code: string, wheel: FixtureWheel]> = {
  'entry "../evil" leads out of the wheel': ['DIST_WHEEL_PATH_ESCAPES', { files: [file('../evil')] }],
  'entry "a/../../evil" leads out of the wheel': ['DIST_WHEEL_PATH_ESCAPES', { files: [file('a/../../evil')] }],
  'entry "../" leads out of the wheel': ['DIST_WHEEL_PATH_ESCAPES', { unlisted: [file('../')] }],
  'entry "/etc/evil" is an absolute path': ['DIST_WHEEL_PATH_ESCAPES', { files: [file('/etc/evil')] }],
  'entry "C:evil" is an absolute path': ['DIST_WHEEL_PATH_ESCAPES', { files: [file('C:evil')] }],
  'has a backslash, which is a separator on Windows': ['DIST_WHEEL_PATH_INVALID', { files: [file('a\\b')] }],
  'has a NUL character': ['DIST_WHEEL_PATH_INVALID', { files: [file('a\0b')] }],
  'has a control character': ['DIST_WHEEL_PATH_INVALID', { files: [file('a\nb')] }],
  'entry "a//b" is not in its shortest form, "a/b"': ['DIST_WHEEL_PATH_INVALID', { files: [file('a//b')] }],
  'entry "" is not in its shortest form': ['DIST_WHEEL_PATH_INVALID', { unlisted: [file('')] }],
  'has a part of more than 255 bytes': ['DIST_WHEEL_PATH_INVALID', { files: [file('é'.repeat(128))] }],
  'is marked as UTF-8, but is not valid UTF-8': [
    'DIST_WHEEL_PATH_INVALID',
    { unlisted: [{ name: Buffer.from([0x61, 0xff]), flags: 0x800 }] },
  ],
  'is not ASCII, but not marked as UTF-8 (flag bit 11)': [
    'DIST_WHEEL_PATH_INVALID',
    { files: [file('é', { flags: 0 })] },
  ],
  'has a second name in its extra field, "other"': [
    'DIST_WHEEL_PATH_INVALID',
    { files: [file('a', { extra: Buffer.from('\x75\x70\x0a\0\x01\0\0\0\0other', 'latin1') })] },
  ],
  'link is a symbolic link': ['DIST_WHEEL_ENTRY_KIND', { files: [file('link', { mode: 0o120777 })] }],
  'dev is a character device': ['DIST_WHEEL_ENTRY_KIND', { files: [file('dev', { mode: 0o020666 })] }],
  'dev is a block device': ['DIST_WHEEL_ENTRY_KIND', { files: [file('dev', { mode: 0o060666 })] }],
  'pipe is a named pipe': ['DIST_WHEEL_ENTRY_KIND', { files: [file('pipe', { mode: 0o010666 })] }],
  'socket is a socket': ['DIST_WHEEL_ENTRY_KIND', { files: [file('socket', { mode: 0o140666 })] }],
  'dir is a folder without a slash at its end': ['DIST_WHEEL_ENTRY_KIND', { files: [file('dir', { mode: 0o040755 })] }],
  'a occurs twice, with different contents': [
    'DIST_WHEEL_DUPLICATE_ENTRY',
    { files: [file('a')], unlisted: [file('a', { data: 'other' })] },
  ],
  'a/b and a//b are the same path': ['DIST_WHEEL_DUPLICATE_ENTRY', { files: [file('a/b')], unlisted: [file('a//b')] }],
  'a and ./a are the same path': ['DIST_WHEEL_DUPLICATE_ENTRY', { files: [file('a')], unlisted: [file('./a')] }],
  'a is both a file and a folder': ['DIST_WHEEL_DUPLICATE_ENTRY', { files: [file('a'), file('a/b')] }],
  'a is encrypted': ['DIST_WHEEL_ENTRY_ENCRYPTED', { files: [file('a', { flags: 1 })] }],
  'strong encryption is not supported': ['DIST_WHEEL_DAMAGED', { files: [file('a', { flags: 0x41 })] }],
  'a is compressed with method 14': ['DIST_WHEEL_METHOD_UNSUPPORTED', { files: [file('a', { method: 14 })] }],
  'a: the local header has another name': ['DIST_WHEEL_DAMAGED', { files: [file('a', { localName: 'b' })] }],
  'a: the local header has another method': ['DIST_WHEEL_DAMAGED', { files: [file('a', { localMethod: 0 })] }],
  'a: there is no local header at offset 1': ['DIST_WHEEL_DAMAGED', { files: [file('a', { headerOffset: 1 })] }],
  'a: there is no local header at offset 4000000000': [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { headerOffset: 4e9 })] },
  ],
  'a: its 100000 bytes overlap the central directory': [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { declaredCompressedSize: 100_000 })] },
  ],
  'a: declares 4000000 bytes, which its 6 compressed bytes cannot hold': [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { declaredSize: 4e6 })] },
  ],
  'b and a share bytes of the zip': [
    'DIST_WHEEL_ENTRIES_OVERLAP',
    { files: [file('a', { data: nested('b'), method: 0 }), file('b', { headerOffset: 31, data: 'inner', method: 0 })] },
  ],
  'the end record of the zip does not match the central directory': ['DIST_WHEEL_DAMAGED', { declaredCount: 1 }],
  'demo-1.0-py3-none-any.whl: the zip structure is damaged': [
    'DIST_WHEEL_DAMAGED',
    { prefix: Buffer.from('#!/bin/sh\n') },
  ],
  'has no .dist-info folder': ['DIST_WHEEL_DIST_INFO', { distInfo: 'demo' }],
  'has 2 .dist-info folders': ['DIST_WHEEL_DIST_INFO', { files: [file('other-1.dist-info/METADATA')] }],
  '.dist-info is demo-2.0.dist-info\n  expected demo 1.0, from the file name': [
    'DIST_WHEEL_DIST_INFO',
    { distInfo: 'demo-2.0.dist-info' },
  ],
  '.dist-info is other-1.0.dist-info\n  expected demo 1.0, from the file name': [
    'DIST_WHEEL_DIST_INFO',
    { distInfo: 'other-1.0.dist-info' },
  ],
  'demo-1.0.dist-info/RECORD is missing': ['DIST_RECORD_MISSING', { leftOut: [`${INFO}/RECORD`] }],
  'demo-1.0.dist-info/METADATA is missing': ['DIST_METADATA_INVALID', { leftOut: [`${INFO}/METADATA`] }],
  'demo-1.0.dist-info/WHEEL is missing': ['DIST_WHEEL_METADATA_INVALID', { leftOut: [`${INFO}/WHEEL`] }],
  'RECORD is not CSV at line 7': ['DIST_RECORD_INVALID', { changeRecord: (text) => text.replace(/.*$/, '"') }],
  'RECORD: entry "../a" leads out of the wheel': [
    'DIST_WHEEL_PATH_ESCAPES',
    { changeRecord: (text) => `${text}../a,,\n` },
  ],
  'Name in METADATA is Other\n  expected demo 1.0, from the file name': [
    'DIST_WHEEL_METADATA_MISMATCH',
    { metadata: 'Metadata-Version: 2.1\nName: Other\nVersion: 1.0\n' },
  ],
  'Version in METADATA is 1.1\n  expected demo 1.0, from the file name': [
    'DIST_WHEEL_METADATA_MISMATCH',
    { metadata: 'Metadata-Version: 2.1\nName: demo\nVersion: 1.1\n' },
  ],
  'Wheel-Version is 2.0': ['DIST_WHEEL_VERSION_UNSUPPORTED', { wheel: 'Wheel-Version: 2.0\nRoot-Is-Purelib: true\n' }],
  'Root-Is-Purelib is ""': ['DIST_WHEEL_METADATA_INVALID', { wheel: 'Wheel-Version: 1.0\n' }],
  "a does not match the zip's directory\n  recorded CRC 00000001": [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { declaredCrc32: 1 })] },
  ],
  "a does not match the zip's directory\n  recorded 3 bytes, found more": [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { declaredSize: 3 })], changeRecord: (text) => text.replace(/^(a,.*),4$/m, '$1,3') },
  ],
  "a does not match the zip's directory\n  recorded 5 bytes, found 4": [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { declaredSize: 5 })], changeRecord: (text) => text.replace(/^(a,.*),4$/m, '$1,5') },
  ],
  "a does not match the zip's directory\n  deflate: unexpected end of file": [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { raw: deflateRawSync('data').subarray(0, 3) })] },
  ],
  'the zip has bytes after a that belong to no entry': [
    'DIST_WHEEL_DAMAGED',
    { files: [file('a', { declaredCompressedSize: 3 })] },
  ],
  'a: the local header has another size or CRC': ['DIST_WHEEL_DAMAGED', { files: [file('a', { localSize: 5 })] }],
  'a: the local header has other flags': ['DIST_WHEEL_DAMAGED', { files: [file('a', { localFlags: 8 })] }],
  'dir/ is a folder, but has data': ['DIST_WHEEL_DAMAGED', { unlisted: [file('dir/')] }],
  'has more than 3500 bytes': ['DIST_WHEEL_PATH_INVALID', { files: [file(`${'d/'.repeat(2000)}x`)] }],
  'has a character that changes the direction of text': ['DIST_WHEEL_PATH_INVALID', { files: [file('a\u202egnp.py')] }],
};

describe('a broken wheel', () => {
  test.each(Object.entries(BROKEN))('%s', async (message, [code, wheel]) => {
    const error = await failureOf(writeWheel(wheel));
    expect(error?.message).toContain(message);
    expect(error?.issues.map((issue) => issue.code)).toContain(code);
    expect(error?.subject).toBe(DEMO);
  });

  test('is reported with all issues', async () => {
    const error = await failureOf(
      writeWheel({ files: [file('../a'), file('b', { mode: 0o120777 }), file('c', { flags: 1 })] }),
    );
    expect(error?.issues.map(({ code }) => code)).toEqual([
      'DIST_WHEEL_PATH_ESCAPES',
      'DIST_WHEEL_ENTRY_KIND',
      'DIST_WHEEL_ENTRY_ENCRYPTED',
    ]);
    const second = await failureOf(
      writeWheel({ unlisted: [file('u')], wheel: 'Wheel-Version: 3.0\n', metadata: 'Name: x\n' }),
    );
    expect(second?.issues.map(({ code }) => code)).toEqual([
      'DIST_METADATA_INVALID',
      'DIST_METADATA_INVALID',
      'DIST_WHEEL_VERSION_UNSUPPORTED',
      'DIST_WHEEL_METADATA_INVALID',
    ]);
  });

  test.each([
    ['no file', (join) => join('missing')],
    ['an empty file', () => writeTemporary(DEMO, Buffer.alloc(0))],
    ['random bytes', () => writeTemporary(DEMO, randomBytes(4096))],
    ['an empty zip', () => writeTemporary(DEMO, encodeZip([]))],
  ] as [string, (join: (folder: string) => string) => string][])('%s is a DistError', async (_, make) => {
    expect(
      await failureOf(make((folder) => `${writeTemporary('x', Buffer.alloc(0))}/${folder}/${DEMO}`)),
    ).toBeDefined();
  });

  test('truncated at any offset is a DistError', async () => {
    const bytes = encodeWheel({ comment: 'end' });
    for (let length = 0; length < bytes.length; length++) {
      const error = await failureOf(writeTemporary(DEMO, bytes.subarray(0, length)));
      expect([length, error?.code]).toEqual([length, expect.stringMatching(/^DIST_WHEEL_(?:TRUNCATED|DAMAGED)$/)]);
    }
  });

  test('with any byte changed is a DistError or still verified', async () => {
    const bytes = encodeWheel();
    for (let offset = 0; offset < bytes.length; offset++) {
      const changed = Buffer.from(bytes);
      changed[offset] = (changed[offset] ?? 0) ^ (1 << (offset % 8));
      // Rethrows other errors.
      await failureOf(writeTemporary(DEMO, changed));
    }
  });
});

/** Opens the wheel and reads all of it. Returns the DistError, if there was one. */
async function failureOf(wheelPath: string): Promise<DistError | undefined> {
  try {
    const wheel = await openWheel(wheelPath);
    try {
      for await (const content of readContents(wheel)) expect(content.data.length).toBe(content.entry.size);
    } finally {
      wheel.close();
    }
    return undefined;
  } catch (error) {
    if (error instanceof DistError) return error;
    throw error;
  }
}
