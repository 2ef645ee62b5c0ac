/**
 * Compresses payloads. The libraries are loaded when needed: two are native, and the rest of this package works without them.
 * `applydeltarpm` repeats what they do, so their bytes are those of the stock libraries (docs/decisions/0013-compression.md).
 */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sink } from './archive.js';
import type { CompressorStream } from './compressor-stream.js';

/** The bytes do not depend on the size of the pieces. */
type Compressor = (data: Buffer, level: number) => Promise<Uint8Array>;

/** @param sink - gets the compressed bytes */
type Opener = (level: number, sink: Sink) => Promise<CompressorStream>;

/** Bytes that are compressed before the event loop gets a turn. */
const PIECE = 64 * 1024;

export const COMPRESSORS = { zstd, xz: whole(openXz), gzip: whole(openGzip) } satisfies Record<string, Compressor>;

/** In the thread pool. One frame without a checksum, the bytes that libzstd's streaming gives. */
async function zstd(data: Buffer, level: number): Promise<Uint8Array> {
  const { Encoder } = await import('@toondepauw/node-zstd');
  return new Encoder(level).encode(data);
}

function whole(open: Opener): Compressor {
  return async (data, level) => {
    const pieces: Uint8Array[] = [];
    const stream = await open(level, (piece) => void pieces.push(piece));
    try {
      await stream.write(data);
      await stream.end();
    } finally {
      await stream.close();
    }
    return Buffer.concat(pieces);
  };
}

/** In the thread pool, on one thread of it: liblzma's parallel encoder writes other bytes. The check is the one that rpm chose. */
export async function openXz(level: number, sink: Sink): Promise<CompressorStream> {
  const { default: lzma } = await import('lzma-native');
  const stream = lzma.createCompressor({ preset: level, check: lzma.CHECK_SHA256 });
  const drained = (async () => {
    for await (const piece of stream) await sink(piece as Uint8Array);
  })();
  // `write` and `end` report the failure.
  drained.catch(() => undefined);
  return {
    write: async (piece) => {
      // The stream keeps the piece until liblzma has read it.
      if (!stream.write(Buffer.from(piece))) await Promise.race([once(stream, 'drain'), drained]);
    },
    end: async () => {
      stream.end();
      await drained;
    },
    close: () => {
      stream.destroy();
      return Promise.resolve();
    },
  };
}

/** On this thread, in pieces: pako is zlib in JavaScript. Node's own zlib is Chromium's, and writes other bytes. */
export async function openGzip(level: number, sink: Sink): Promise<CompressorStream> {
  const { default: pako } = await import('pako');
  const deflate = new pako.Deflate({ gzip: true, level: level as GzipLevel });
  const made: Uint8Array[] = [];
  deflate.onData = (piece) => void made.push(piece as Uint8Array);
  const flush = async (): Promise<void> => {
    for (const piece of made.splice(0)) await sink(piece);
  };
  return {
    write: async (piece) => {
      for (let at = 0; at < piece.length; at += PIECE) {
        deflate.push(piece.subarray(at, at + PIECE));
        await flush();
        if (piece.length >= PIECE) await nextTurn();
      }
    },
    end: () => {
      deflate.push(new Uint8Array(), true);
      return flush();
    },
    close: () => Promise.resolve(),
  };
}

type GzipLevel = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
