import { describe, expect, it } from 'vitest';
import { encodeRecord, parseRecord, type EntryRecord } from './record.js';

const record: EntryRecord = {
  kind: 'wheel',
  key: '12',
  namespace: 'main',
  sha256: 'ab'.repeat(32),
  size: 42,
  fileName: 'a-1-py3-none-any.whl',
  attachments: { facts: '{"ü":1}' },
  created: '2026-01-01T00:00:00.000Z',
  signature: { keyId: '0123456789abcdef', value: `${'A'.repeat(86)}==` },
};
const parse = (value: unknown): EntryRecord => parseRecord(Buffer.from(JSON.stringify(value)), 'here');

describe('a record', () => {
  it('survives a round trip', () => {
    expect(parseRecord(encodeRecord(record), 'here')).toEqual(record);
    expect(parse({ ...record, signature: undefined })).not.toHaveProperty('signature');
  });

  it('omits unknown fields', () => {
    expect(parse({ ...record, signature: { ...record.signature, more: 1 }, more: 1 })).toEqual(record);
  });

  it.each([
    ['kind', 'other'],
    ['kind', ['nx']],
    ['key', '../12'],
    ['key', 12],
    ['namespace', 'branch/../main'],
    ['namespace', 'other'],
    ['sha256', 'AB'.repeat(32)],
    ['sha256', null],
    ['size', -1],
    ['size', 1.5],
    ['size', '42'],
    ['fileName', '../a'],
    ['fileName', '/etc/passwd'],
    ['fileName', '.hidden'],
    ['fileName', 'a\nb'],
    ['fileName', 1],
    ['attachments', null],
    ['attachments', []],
    ['attachments', { a: 1 }],
    ['attachments', { a: 'x'.repeat(65_536) }],
    ['attachments', { a: '\ud800' }],
    ['created', 'yesterday'],
    ['signature', {}],
    ['signature', { keyId: '0123456789abcdef', value: 'short' }],
    ['signature', null],
  ])('with %s %j is rejected', (name, value) => {
    expect(() => parse({ ...record, [name]: value })).toThrow(
      new RegExp(`^here: it is not a record of pinpack\n  ${name}`),
    );
    expect(() => encodeRecord({ ...record, [name]: value })).toThrow(RangeError);
  });

  it.each(['', '{', '[]', 'null', '"x"', '<html>'])('%j is rejected', (text) => {
    expect(() => parseRecord(Buffer.from(text), 'here')).toThrow(
      expect.objectContaining({ code: 'STORE_ANSWER_INVALID' }),
    );
  });

  it('is rejected with every issue', () => {
    expect(() => parse({})).toThrow(/kind[^]*key[^]*namespace[^]*sha256[^]*size[^]*fileName[^]*attachments[^]*created/);
  });

  it('truncated at any byte is rejected', () => {
    const bytes = encodeRecord(record);
    for (let length = 0; length < bytes.length - 1; length++) {
      expect(() => parseRecord(bytes.subarray(0, length), 'here')).toThrow('not JSON');
    }
  });
});
