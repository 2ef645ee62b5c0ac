/** Compression of the payload. `applydeltarpm` repeats it on the target, so only what it is known to reproduce is offered. */
import type { CompressionKind } from '@pinpack/compression';
import { RpmError } from './errors.js';
import type { UntranslatedTags } from './tags.js';

export type Compression = { kind: CompressionKind; level: number } | { kind: 'none' };

/** Measured, and tested here, with deltarpm 3.6.3, libzstd 1.5.4, liblzma 5.4 and zlib 1.2.13: deltas of these become the same RPM. */
const OFFERED: Record<CompressionKind, { levels: readonly number[]; reason: string }> = {
  zstd: { levels: [1, 2, 3, 4, 15, 19], reason: 'at others applydeltarpm is not known to get the same bytes' },
  xz: {
    levels: [1, 2, 6],
    reason:
      'applydeltarpm takes 0 for none, and does not allow the memory that 8 and 9 need; those between gain little',
  },
  gzip: { levels: [9], reason: 'applydeltarpm writes gzip at no other' },
};

/** As `parseCompression` reads them: `zstd:1`, …, `none`. */
export const OFFERED_COMPRESSIONS: readonly string[] = [
  ...Object.entries(OFFERED).flatMap(([kind, { levels }]) => levels.map((level) => `${kind}:${level}`)),
  'none',
];

/** @param text - `xz:2`, `none`. @throws RpmError `RPM_COMPRESSION_INVALID` with the reason, where it isn't offered */
export function parseCompression(text: string): Compression {
  const expected = expectedCompression(text);
  if (expected !== undefined) {
    const message = `found ${JSON.stringify(text)}, expected ${expected}`;
    throw new RpmError('RPM_COMPRESSION_INVALID', 'compression', message);
  }
  const [kind, level] = text.split(':');
  return kind === 'none' ? { kind } : { kind: kind as CompressionKind, level: Number(level) };
}

/** What is expected instead, with the reason. @returns undefined where the compression is offered */
export function expectedCompression(text: string): string | undefined {
  if (OFFERED_COMPRESSIONS.includes(text)) return undefined;
  const kind = text.split(':')[0] as CompressionKind;
  if (!Object.hasOwn(OFFERED, kind)) return `one of ${OFFERED_COMPRESSIONS.join(', ')}`;
  const { levels, reason } = OFFERED[kind];
  return `${levels.map((level) => `${kind}:${level}`).join(', ')}: ${reason}`;
}

export function formatCompression(compression: Compression): string {
  return compression.kind === 'none' ? compression.kind : `${compression.kind}:${compression.level}`;
}

/** @throws RpmError `RPM_COMPRESSION_INVALID` */
export function checkCompression(compression: Compression): void {
  parseCompression(formatCompression(compression));
}

export function compressionTags(compression: Compression): UntranslatedTags {
  // libdrpm refuses a package without flags, even where there is no compressor.
  if (compression.kind === 'none') return { PAYLOADFLAGS: '' };
  return { PAYLOADCOMPRESSOR: compression.kind, PAYLOADFLAGS: String(compression.level) };
}
