/** Compression of the payload. `applydeltarpm` repeats it on the target, so only what it is known to reproduce is offered. */
import { COMPRESSORS } from './compressors.js';
import { RpmError } from './errors.js';
import type { HeaderTags } from './tags.js';

type Kind = keyof typeof COMPRESSORS;

export type Compression = { kind: Kind; level: number } | { kind: 'none' };

/** Measured, and tested here, with deltarpm 3.6.3, libzstd 1.5.4, liblzma 5.4 and zlib 1.2.13: deltas of these become the same RPM. */
const OFFERED: Record<Kind, { levels: readonly number[]; reason: string }> = {
  zstd: { levels: [1, 2, 3, 4, 15, 19], reason: 'At others, applydeltarpm is not known to get the same bytes.' },
  xz: {
    levels: [1, 2, 6],
    reason:
      'applydeltarpm takes 0 for none, and does not allow the memory that 8 and 9 need; those between gain little.',
  },
  gzip: { levels: [9], reason: 'applydeltarpm writes gzip at no other.' },
};

/** As `parseCompression` reads them: `zstd:1`, …, `none`. */
export const OFFERED_COMPRESSIONS: readonly string[] = [
  ...Object.entries(OFFERED).flatMap(([kind, { levels }]) => levels.map((level) => `${kind}:${level}`)),
  'none',
];

/** @param text - `xz:2`, `none`. @throws RpmError `RPM_COMPRESSION_INVALID` with the reason, where it isn't offered */
export function parseCompression(text: string): Compression {
  checkOffered(text);
  const [kind, level] = text.split(':');
  return kind === 'none' ? { kind } : { kind: kind as Kind, level: Number(level) };
}

export function formatCompression(compression: Compression): string {
  return compression.kind === 'none' ? compression.kind : `${compression.kind}:${compression.level}`;
}

export function checkCompression(compression: Compression): void {
  checkOffered(formatCompression(compression));
}

function checkOffered(text: string): void {
  if (OFFERED_COMPRESSIONS.includes(text)) return;
  const kind = text.split(':')[0] as Kind;
  const known = Object.hasOwn(OFFERED, kind) ? OFFERED[kind] : undefined;
  const expected =
    known === undefined
      ? `expected one of ${OFFERED_COMPRESSIONS.join(', ')}.`
      : `expected a level of ${known.levels.join(', ')}. ${known.reason}`;
  throw new RpmError('RPM_COMPRESSION_INVALID', 'compression', `found ${JSON.stringify(text)}, ${expected}`);
}

/** Keeps the event loop free, whichever it is. @throws RpmError `RPM_COMPRESSION_INVALID` */
export async function compress(data: Buffer, compression: Compression): Promise<Uint8Array> {
  checkCompression(compression);
  return compression.kind === 'none' ? data : COMPRESSORS[compression.kind](data, compression.level);
}

export function compressionTags(compression: Compression): HeaderTags {
  // libdrpm refuses a package without flags, even where there is no compressor.
  if (compression.kind === 'none') return { PAYLOADFLAGS: '' };
  return { PAYLOADCOMPRESSOR: compression.kind, PAYLOADFLAGS: String(compression.level) };
}
