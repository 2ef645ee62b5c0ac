/** Compresses payloads piece by piece, with the bytes that `compress` gives for the whole. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sink } from './archive.js';
import type { Compression } from './compression.js';
import type { CompressorStream } from './compressor-stream.js';
import type { GzipLevel } from './compressors.js';

/** Bytes that are compressed before the event loop gets a turn. */
const PIECE = 64 * 1024;

/** @param sink - gets the compressed bytes */
export async function openCompressor(compression: Compression, sink: Sink): Promise<CompressorStream> {
  switch (compression.kind) {
    case 'none':
      return plain(sink);
    case 'gzip':
      return gzip(compression.level, sink);
    case 'xz':
      return xz(compression.level, sink);
    case 'zstd':
      return (await import('./zstd-stream.js')).openZstdStream(compression.level, sink);
  }
}

const nothing = (): Promise<void> => Promise.resolve();

function plain(sink: Sink): CompressorStream {
  return { write: async (piece) => sink(piece), end: nothing, close: nothing };
}

/** On this thread. */
async function gzip(level: number, sink: Sink): Promise<CompressorStream> {
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
    close: nothing,
  };
}

/** In the thread pool. */
async function xz(level: number, sink: Sink): Promise<CompressorStream> {
  const { default: lzma } = await import('lzma-native');
  const stream = lzma.createCompressor({ preset: level, check: lzma.CHECK_SHA256 });
  const drained = (async () => {
    for await (const piece of stream) await sink(piece as Uint8Array);
  })();
  // `write` and `end` report the failure.
  drained.catch(() => undefined);
  return {
    write: async (piece) => {
      if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), drained]);
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
