import { describe, expect, test } from 'vitest';
import { decodeText } from './decode-text.js';

const TEXT = '# Größe\nsix==1.17.0\n';

function encode(encoding: BufferEncoding, mark: number[] = []): Buffer {
  return Buffer.concat([Buffer.from(mark), Buffer.from(TEXT, encoding)]);
}

describe('decodeText reads', () => {
  test.each([
    ['UTF-8', encode('utf8')],
    ['UTF-8 with a mark', encode('utf8', [0xef, 0xbb, 0xbf])],
    ['UTF-16LE, as PowerShell writes', encode('utf16le', [0xff, 0xfe])],
    ['UTF-16BE', Buffer.concat([Buffer.from([0xfe, 0xff]), encode('utf16le').swap16()])],
  ])('%s', (_, bytes) => {
    expect(decodeText(bytes, 'r.txt')).toBe(TEXT);
  });

  test.each(['latin-1', 'latin1', 'iso-8859-1', 'cp1252', 'ISO8859-1'])('%s, if a comment says so', (name) => {
    const bytes = Buffer.concat([Buffer.from(`# -*- coding: ${name} -*-\n`), encode('latin1')]);
    expect(decodeText(bytes, 'r.txt')).toContain(TEXT);
  });
});

test.each([
  [
    'latin-1 without a comment',
    encode('latin1'),
    /^r\.txt:1: the byte 0xf6 is not valid UTF-8.*\n.*-f ISO-8859-1 .*coding: latin-1/,
  ],
  ['UTF-16 without a mark', encode('utf16le'), /^r\.txt:1: the byte 0x00 .*\n.*-f UTF-16LE /],
  ['an unknown encoding', Buffer.from('# coding: klingon\nsix\n'), /^r\.txt: is klingon, which is not supported/],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x73, 0, 0, 0]), /^r\.txt: is utf-32le/],
])('decodeText names the file and what converts %s', (_, bytes, message) => {
  expect(() => decodeText(bytes, 'r.txt')).toThrow(message);
});
