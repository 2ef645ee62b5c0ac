/** Compresses data that are in memory. */
import type { CompressionKind } from './coder-thread.js';
import { coderOf, compressChunks } from './compressor.js';
import { compressZstd } from './native-zstd.js';

/** Bytes of data that the native addon gets at once. It takes half the time of the compressor in pieces, but needs the data in one piece: two archives of this size take less than 200 MB with Node. */
export const LARGEST_WHOLE = 64 * 1024 * 1024;

/** The bytes of `openCompressor`, in another thread. @param chunks - that follow each other */
export async function compress(
  chunks: readonly Uint8Array[],
  kind: CompressionKind,
  level: number,
): Promise<Uint8Array[]> {
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  if (kind === 'zstd' && size <= LARGEST_WHOLE) return [await compressZstd(joined(chunks), level)];
  return compressChunks(coderOf(kind, level), chunks);
}

/** One buffer of all chunks, which is not a copy if there is only one. */
export function joined(chunks: readonly Uint8Array[]): Buffer {
  const [only] = chunks;
  if (chunks.length !== 1 || only === undefined) return Buffer.concat(chunks);
  return Buffer.from(only.buffer, only.byteOffset, only.length);
}
