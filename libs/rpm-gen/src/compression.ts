/** Compression of the payload. `applydeltarpm` repeats it on the target, so only what comes out of stock libraries will do. */
import { RpmError } from './errors.js';
import type { HeaderTags } from './tags.js';

/**
 * zstd levels are 1 to 19. Measured with the addon's libzstd against 1.5.4: `applydeltarpm` reproduces 1 to 4, 15 and 19, not 5 to 12.
 * Whatever the level, apply a delta once before it is published.
 */
export type Compression = { kind: 'zstd'; level: number } | { kind: 'none' };

/** zstd runs in the thread pool and gives one frame without a checksum, the bytes that libzstd's streaming gives. */
export async function compress(data: Buffer, compression: Compression): Promise<Uint8Array> {
  if (compression.kind === 'none') return data;
  // Loaded when needed: the addon is native, and everything else in this room works without it.
  const { Encoder } = await import('@toondepauw/node-zstd');
  return new Encoder(compression.level).encode(data);
}

export function checkCompression(compression: Compression): void {
  if (compression.kind === 'none') return;
  const { level } = compression;
  if (Number.isInteger(level) && level >= 1 && level <= 19) return;
  throw new RpmError(
    'RPM_COMPRESSION_INVALID',
    'zstd',
    `level is ${level}, expected 1 to 19. Correct the compression level.`,
  );
}

export function compressionTags(compression: Compression): HeaderTags {
  // libdrpm refuses a package without flags, even where there is no compressor.
  if (compression.kind === 'none') return { PAYLOADFLAGS: '' };
  return { PAYLOADCOMPRESSOR: 'zstd', PAYLOADFLAGS: String(compression.level) };
}
