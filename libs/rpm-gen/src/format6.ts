/**
 * What rpm 6 changed in the format (rpm.org, "RPM V6 Package format"): three digests of the payload, compressed and not, sizes of 64 bits,
 * the archive always in rpm's own form, and a signature header with digests and signatures alone.
 */
import { createHash } from 'node:crypto';
import { digest } from '@pinpack/common/digest';
import type { Compression } from './compression.js';
import type { RpmEntry } from './entries.js';
import { formatEvr } from './evr.js';
import { encodeHeader } from './header.js';
import { packPayload, type Payload } from './payload.js';
import { padSignature, RESERVED_SPACE } from './signature.js';
import type { RpmSpec } from './spec.js';
import type { PayloadFacts } from './stream-payload.js';
import { SIGNATURE_REGION, SIGNATURE_TAGS, type UntranslatedTags } from './tags.js';

export interface Payload6 extends Payload {
  /** Tags of the digests and sizes that format 4 doesn't have. */
  format6: UntranslatedTags;
}

/** As `packPayload`; `encodeRpm` then writes a package of format 6. rpm 4.18 installs it, and verifies it by SHA-256 alone. */
export async function packPayload6(entries: readonly RpmEntry[], compression: Compression): Promise<Payload6> {
  const archive = { sha512: createHash('sha512'), sha3: createHash('sha3-256') };
  const look = (piece: Uint8Array): void => {
    archive.sha512.update(piece);
    archive.sha3.update(piece);
  };
  const payload = await packPayload(entries, compression, { archiveDigest: true, forceLarge: true, look });
  return {
    ...payload,
    large: true,
    format6: {
      PAYLOADSIZE: [payload.size],
      PAYLOADSIZEALT: [payload.archiveSize],
      PAYLOADSHA512: digest('sha512', payload.data).toString('hex'),
      PAYLOADSHA512ALT: archive.sha512.digest('hex'),
      PAYLOADSHA3_256: digest('sha3-256', payload.data).toString('hex'),
      PAYLOADSHA3_256ALT: archive.sha3.digest('hex'),
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
