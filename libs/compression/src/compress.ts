/** Compresses data that are in memory. */
import type { CompressionKind } from './coder-thread.js';
import { coderOf, compressChunks } from './compressor.js';

/** The bytes of `openCompressor`, in another thread. @param chunks - that follow each other */
export function compress(chunks: readonly Uint8Array[], kind: CompressionKind, level: number): Promise<Uint8Array[]> {
  return compressChunks(coderOf(kind, level), chunks);
}

/** One buffer of all chunks, which is not a copy if there is only one. */
export function joined(chunks: readonly Uint8Array[]): Buffer {
  const [only] = chunks;
  if (chunks.length !== 1 || only === undefined) return Buffer.concat(chunks);
  return Buffer.from(only.buffer, only.byteOffset, only.length);
}
