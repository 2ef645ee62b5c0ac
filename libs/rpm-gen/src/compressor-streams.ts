/** Compresses payloads piece by piece, with the bytes that `compress` gives for the whole. */
import type { Sink } from './archive.js';
import type { Compression } from './compression.js';
import type { CompressorStream } from './compressor-stream.js';
import { openGzip, openXz } from './compressors.js';

/** @param sink - gets the compressed bytes */
export async function openCompressor(compression: Compression, sink: Sink): Promise<CompressorStream> {
  switch (compression.kind) {
    case 'none':
      return plain(sink);
    case 'gzip':
      return openGzip(compression.level, sink);
    case 'xz':
      return openXz(compression.level, sink);
    case 'zstd':
      return (await import('./zstd-stream.js')).openZstdStream(compression.level, sink);
  }
}

function plain(sink: Sink): CompressorStream {
  const nothing = (): Promise<void> => Promise.resolve();
  // The sink keeps what it gets.
  return { write: async (piece) => sink(Buffer.from(piece)), end: nothing, close: nothing };
}
