/**
 * Compresses layers to the same bytes on every machine: gzip by pako, since the bytes of Node's own zlib depend on its version and on the
 * processor; zstd by a libzstd of a fixed version.
 */
import { Deflate } from 'pako';
import type { LayerCompression } from './media-types.js';

/** The defaults of gzip and zstd. */
const GZIP_LEVEL = 6;
const ZSTD_LEVEL = 3;
/** Bytes that are compressed before the event loop gets a turn. */
const SLICE = 1024 * 1024;

export async function compress(chunks: readonly Uint8Array[], compression: LayerCompression): Promise<Uint8Array[]> {
  return compression === 'gzip' ? gzip(chunks) : zstd(chunks);
}

async function gzip(chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const compressed: Uint8Array[] = [];
  const deflate = new Deflate({ level: GZIP_LEVEL, gzip: true });
  deflate.onData = (chunk) => {
    compressed.push(chunk as Uint8Array);
  };
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += SLICE) {
      deflate.push(chunk.subarray(start, start + SLICE), false);
      await new Promise(setImmediate);
    }
  }
  deflate.push(new Uint8Array(), true);
  return compressed;
}

async function zstd(chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  // Loaded when needed: the addon is native, and everything else in this package works without it.
  const { Encoder } = await import('@toondepauw/node-zstd');
  return [await new Encoder(ZSTD_LEVEL).encode(Buffer.concat(chunks))];
}
