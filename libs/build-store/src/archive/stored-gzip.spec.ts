import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuzzParameters } from '@pinpack/testing';
import { StoredGzip, storedGzipSize } from './stored-gzip.js';

function encode(pieces: readonly Uint8Array[]): Buffer {
  const gzip = new StoredGzip(Buffer.concat(pieces).length);
  return Buffer.concat([...pieces.flatMap((piece) => gzip.add(piece)), ...gzip.finish()]);
}

it('is the same for zlib, in any pieces and across the limits of blocks, with the announced size', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(1, 65_534, 65_535, 65_536, 200_000).map((size) => new Uint8Array(size).fill(7)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const bytes = Buffer.concat(pieces);
      const encoded = encode(pieces);
      expect(encoded.length).toBe(storedGzipSize(bytes.length));
      expect(gunzipSync(encoded).equals(bytes)).toBe(true);
    }),
    fuzzParameters(100),
  );
});

it('refuses more or fewer bytes than announced', () => {
  const gzip = new StoredGzip(3);
  gzip.add(Buffer.from('ab'));
  expect(() => gzip.finish()).toThrow('1 of 3 bytes are missing');
  expect(() => gzip.add(Buffer.from('cd'))).toThrow('more than 3 bytes');
});
