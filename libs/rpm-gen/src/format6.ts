/**
 * What rpm 6 changed in the format (rpm.org, "RPM V6 Package format"): three digests of the payload, compressed and not, sizes of 64 bits,
 * the archive always in rpm's own form, and a signature header with digests and signatures alone.
 */
import { digest } from '@pinpack/common/digest';
import { checkCompression, type Compression } from './compression.js';
import { sortEntries, type RpmEntry } from './entries.js';
import { formatEvr } from './evr.js';
import { encodeHeader } from './header.js';
import { compressArchive, readSorted, type Payload, type PayloadFacts } from './payload.js';
import { padSignature, RESERVED_SPACE } from './signature.js';
import type { RpmSpec } from './spec.js';
import { SIGNATURE_REGION, SIGNATURE_TAGS, type UntranslatedTags } from './tags.js';

export interface Payload6 extends Payload {
  /** Tags of the digests and sizes that format 4 doesn't have. */
  format6: UntranslatedTags;
}

/** As `packPayload`; `encodeRpm` then writes a package of format 6. rpm 4 reads it with limits: 4.18 installs it, and verifies it by SHA-256 alone. */
export async function packPayload6(entries: readonly RpmEntry[], compression: Compression): Promise<Payload6> {
  checkCompression(compression);
  const archive = await readSorted(sortEntries(entries), true);
  const payload = await compressArchive(archive, compression, { archiveDigest: true });
  const hex = (algorithm: 'sha512' | 'sha3-256', data: Uint8Array) => digest(algorithm, data).toString('hex');
  return {
    ...payload,
    large: true,
    format6: {
      PAYLOADSIZE: [payload.data.length],
      PAYLOADSIZEALT: [archive.data.length],
      PAYLOADSHA512: hex('sha512', payload.data),
      PAYLOADSHA512ALT: hex('sha512', archive.data),
      PAYLOADSHA3_256: hex('sha3-256', payload.data),
      PAYLOADSHA3_256ALT: hex('sha3-256', archive.data),
    },
  };
}

export function isFormat6(payload: PayloadFacts): payload is PayloadFacts & Pick<Payload6, 'format6'> {
  return 'format6' in payload;
}

/** The tags of format 4 in the form of format 6. File classes became MIME types, which are not written. */
export function toFormat6(
  tags: UntranslatedTags,
  spec: RpmSpec,
  payload: PayloadFacts & Pick<Payload6, 'format6'>,
): UntranslatedTags {
  // Without files there are no sizes, and nothing that needs large files.
  const isEmpty = payload.files.length === 0;
  return {
    ...tags,
    SIZE: undefined,
    LONGSIZE: tags.LONGSIZE ?? tags.SIZE,
    FILECLASS: undefined,
    CLASSDICT: undefined,
    PAYLOADDIGESTALGO: undefined,
    FILEDIGESTALGO: isEmpty ? undefined : tags.FILEDIGESTALGO,
    RPMFORMAT: [6],
    ...(spec.source === undefined && { SOURCENEVR: `${spec.name}-${formatEvr(spec)}` }),
    ...payload.format6,
  };
}

/** Padded to 8 bytes, where the header starts. */
export function encodeSignature6(header: Uint8Array, subject: string): Uint8Array {
  const signature = encodeHeader(
    SIGNATURE_REGION,
    SIGNATURE_TAGS,
    {
      SHA256: digest('sha256', header).toString('hex'),
      SHA3_256: digest('sha3-256', header).toString('hex'),
      RESERVED: new Uint8Array(RESERVED_SPACE),
    },
    subject,
  );
  return padSignature(signature);
}
