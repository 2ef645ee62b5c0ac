/** Compresses data that are in memory. */
import { openCompressor, type Sink } from './compressor.js';
import { compressZstd } from './native-zstd.js';

export type CompressionKind = 'zstd' | 'xz' | 'gzip';

/** Bytes of data that the native addon gets at once. It takes half the time of the compressor in pieces, but needs the data in one piece. */
export const LARGEST_WHOLE = 64 * 1024 * 1024;

/** The bytes of `openCompressor`, in another thread. @param chunks - that follow each other */
export async function compress(
  chunks: readonly Uint8Array[],
  kind: CompressionKind,
  level: number,
): Promise<Uint8Array[]> {
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  if (kind === 'zstd' && size <= LARGEST_WHOLE) return [await compressZstd(joined(chunks), level)];
  const pieces: Uint8Array[] = [];
  await compressTo((piece) => void pieces.push(piece), { chunks, kind, level });
  return pieces;
}

async function compressTo(
  sink: Sink,
  { chunks, kind, level }: { chunks: readonly Uint8Array[]; kind: CompressionKind; level: number },
): Promise<void> {
  const compressor = await openCompressor(kind, level, sink);
  try {
    for (const chunk of chunks) await compressor.write(chunk);
    await compressor.end();
  } finally {
    await compressor.close();
  }
}

function joined(chunks: readonly Uint8Array[]): Buffer {
  const [only] = chunks;
  if (chunks.length !== 1 || only === undefined) return Buffer.concat(chunks);
  return Buffer.from(only.buffer, only.byteOffset, only.length);
}
