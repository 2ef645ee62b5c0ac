import { expect, it } from 'vitest';
import { RpmError } from './errors.js';
import { decodeHeader } from './header-reader.js';
import { encodeHeader } from './header.js';
import { HEADER_TAGS, IMMUTABLE_REGION, type HeaderTags, type TagTable, type TagValues } from './tags.js';

it('encodes a small header', () => {
  const values: HeaderTags = { EPOCH: [7], NAME: 'ab', DIRNAMES: ['/a/', '/b/'], VENDOR: undefined };
  const header = Buffer.from(encodeHeader(IMMUTABLE_REGION, HEADER_TAGS, values, 'ab'));
  expect(header.toString('hex').match(/.{1,32}/g)).toEqual([
    '8eade80100000000' + '00000004' + '00000020', // four entries, 32 bytes of data
    '0000003f' + '00000007' + '00000010' + '00000010', // the region, whose trailer is at 16
    '000003e8' + '00000006' + '00000000' + '00000001', // NAME at 0
    '000003eb' + '00000004' + '00000004' + '00000001', // EPOCH at 4, aligned
    '0000045e' + '00000008' + '00000008' + '00000002', // DIRNAMES at 8
    '61620000' + '00000007' + '2f612f00' + '2f622f00', // "ab", 7, "/a/", "/b/"
    '0000003f' + '00000007' + 'ffffffc0' + '00000010', // the trailer: 64 bytes of index before the data
  ]);
});

it('leaves out entries without items, which rpm takes for damage', () => {
  const header = encodeHeader(IMMUTABLE_REGION, HEADER_TAGS, { FILESIZES: [], BASENAMES: [] }, 'x');
  expect(decodeHeader(Buffer.from(header), 0, HEADER_TAGS, 'x').values).toEqual({});
});

it('reads back what was written, of every type', () => {
  const values: HeaderTags = {
    SUMMARY: 'é ✓ 🦀',
    NAME: '',
    FILEMODES: [0, 0o104755, 65535],
    FILESIZES: [0, 0xffffffff],
    LONGFILESIZES: [0, 2 ** 40, Number.MAX_SAFE_INTEGER],
    BASENAMES: ['', 'é', ''],
  };
  const header = Buffer.from(encodeHeader(IMMUTABLE_REGION, HEADER_TAGS, values, 'x'));
  expect(decodeHeader(header, 0, HEADER_TAGS, 'x')).toMatchObject({ values, end: header.length });
});

const OTHER_TYPES = { NAME: [1000, 'int32'], FILESIZES: [1028, 'strings'] } as const satisfies TagTable;

it.each<[string, TagValues<typeof OTHER_TYPES>]>([
  ['NAME', { NAME: [1] }],
  ['FILESIZES', { FILESIZES: ['1'] }],
])('names the tag whose type is another: %s', (name, values) => {
  const header = Buffer.from(encodeHeader(IMMUTABLE_REGION, OTHER_TYPES, values, 'x'));
  expect(() => decodeHeader(header, 0, HEADER_TAGS, 'file.rpm')).toThrow(`file.rpm: ${name}: found type`);
});

it('reads one string as a list, and the first of a list', () => {
  const table = { NAME: [1000, 'strings'], BASENAMES: [1117, 'string'] } as const satisfies TagTable;
  const header = Buffer.from(encodeHeader(IMMUTABLE_REGION, table, { NAME: ['a', 'b'], BASENAMES: 'c' }, 'x'));
  expect(decodeHeader(header, 0, HEADER_TAGS, 'x').values).toEqual({ NAME: 'a', BASENAMES: ['c'] });
});

it('refuses more data than rpm reads', () => {
  const text = 'x'.repeat(257 * 1024 * 1024);
  expect(() => encodeHeader(IMMUTABLE_REGION, HEADER_TAGS, { DESCRIPTION: text }, 'big')).toThrow(RpmError);
});
