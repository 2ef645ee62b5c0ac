/**
 * Compresses payloads. The libraries are loaded when needed: two are native, and the rest of this package works without them.
 * `applydeltarpm` repeats what they do, so their bytes are those of the stock libraries (docs/decisions/0013-compression.md).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The bytes do not depend on the size of the pieces. */
type Compressor = (data: Buffer, level: number) => Promise<Uint8Array>;

/** Bytes that are compressed before the event loop gets a turn. */
const PIECE = 64 * 1024;

export const COMPRESSORS = { zstd, xz, gzip } satisfies Record<string, Compressor>;

/** In the thread pool. One frame without a checksum, the bytes that libzstd's streaming gives. */
async function zstd(data: Buffer, level: number): Promise<Uint8Array> {
  const { Encoder } = await import('@toondepauw/node-zstd');
  return new Encoder(level).encode(data);
}

/** In the thread pool, on one thread of it: liblzma's parallel encoder writes other bytes. The check is the one that rpm chose. */
async function xz(data: Buffer, level: number): Promise<Uint8Array> {
  const { default: lzma } = await import('lzma-native');
  const stream = lzma.createCompressor({ preset: level, check: lzma.CHECK_SHA256 });
  stream.end(data);
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}

/** On this thread, in pieces: pako is zlib in JavaScript. Node's own zlib is Chromium's, and writes other bytes. */
async function gzip(data: Buffer, level: number): Promise<Uint8Array> {
  const { default: pako } = await import('pako');
  const deflate = new pako.Deflate({ gzip: true, level: level as GzipLevel });
  for (let at = 0; at < data.length; at += PIECE) {
    await nextTurn();
    deflate.push(data.subarray(at, at + PIECE));
  }
  deflate.push(Buffer.alloc(0), true);
  return deflate.result;
}

export type GzipLevel = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
