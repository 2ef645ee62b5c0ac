/** Reads an RPM: lead, signature header, header, and where the payload starts (rpm.org, "RPM V4 Package format"). */
import { digest } from '@pinpack/common/digest';
import { RpmError } from './errors.js';
import { decodeHeader } from './header-reader.js';
import { decodeLead, LEAD_SIZE, type Lead } from './lead.js';
import { HEADER_TAGS, IMMUTABLE_REGION, SIGNATURE_TAGS, type HeaderTags, type SignatureTags } from './tags.js';

export interface ReadRpm {
  lead: Lead;
  signature: SignatureTags;
  header: HeaderTags;
  /** Bytes of the signature header, unpadded. */
  signatureSize: number;
  /** Where the header starts, which the signature's digests cover. */
  headerOffset: number;
  /** Where the payload starts; it goes to the end of the file. */
  payloadOffset: number;
}

/** Checks the size and the header's digest against the signature header, not the payload's own digest. `subject` is the file's name for messages. */
export function readRpm(bytes: Uint8Array, subject = 'RPM'): ReadRpm {
  return readHead(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.length, subject);
}

/**
 * As `readRpm`, from the part of a file that ends with the header.
 *
 * @param size - bytes of the file
 */
export function readHead(buffer: Buffer, size: number, subject: string): ReadRpm {
  const lead = decodeLead(buffer, subject);
  const signature = decodeHeader(buffer, LEAD_SIZE, SIGNATURE_TAGS, `${subject}: signature`);
  const headerOffset = Math.ceil(signature.end / 8) * 8;
  const header = decodeHeader(buffer, headerOffset, HEADER_TAGS, `${subject}: header`);
  if (!header.tags.has(IMMUTABLE_REGION)) throw tooOld(subject);
  checkSize(signature.values, size - headerOffset, subject);
  checkHeader(signature.values, buffer.subarray(headerOffset, header.end), subject);
  return {
    lead,
    signature: signature.values,
    header: header.values,
    signatureSize: signature.end - LEAD_SIZE,
    headerOffset,
    payloadOffset: header.end,
  };
}

function checkSize({ SIZE, LONGSIZE }: SignatureTags, found: number, subject: string): void {
  const expected = (LONGSIZE ?? SIZE)?.[0];
  if (expected === undefined || expected === found) return;
  const message = `found ${found} bytes of header and payload, expected ${expected}. The file is incomplete: build or fetch it again.`;
  throw new RpmError('RPM_DAMAGED', subject, message);
}

/** All digests that are there, also the weak one: rpm refuses a package with one that is wrong. */
function checkHeader({ SHA1, SHA256, SHA3_256 }: SignatureTags, header: Buffer, subject: string): void {
  const digests = [
    ['sha256', SHA256],
    ['sha3-256', SHA3_256],
    ['sha1', SHA1],
  ] as const;
  for (const [algorithm, expected] of digests) {
    if (expected === undefined) continue;
    const found = digest(algorithm, header).toString('hex');
    if (found === expected) continue;
    const message = `the header's ${algorithm} is ${found}, expected ${expected}. Build or fetch it again.`;
    throw new RpmError('RPM_DAMAGED', subject, message);
  }
}

/** rpm 4 began to mark the part of a header that is covered by signatures; rpm 6 refuses packages without, too. */
function tooOld(subject: string): RpmError {
  const message =
    'the header has no immutable region (tag 63), as of an RPM of format 3, expected format 4 or 6. Build it again with rpm 4 or newer.';
  return new RpmError('RPM_UNSUPPORTED', subject, message);
}
