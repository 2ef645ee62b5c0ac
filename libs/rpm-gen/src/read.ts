/** Reads an RPM: lead, signature header, header, and where the payload starts (rpm.org, "RPM V4 Package format"). */
import { digest } from '@pinpack/common/digest';
import { RpmError } from './errors.js';
import { decodeHeader } from './header-reader.js';
import { decodeLead, LEAD_SIZE, type Lead } from './lead.js';
import { HEADER_TAGS, SIGNATURE_TAGS, type HeaderTags, type SignatureTags } from './tags.js';

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
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lead = decodeLead(buffer, subject);
  const signature = decodeHeader(buffer, LEAD_SIZE, SIGNATURE_TAGS, `${subject}: signature`);
  const headerOffset = Math.ceil(signature.end / 8) * 8;
  const header = decodeHeader(buffer, headerOffset, HEADER_TAGS, `${subject}: header`);
  checkSize(signature.values, buffer.length - headerOffset, subject);
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

function checkHeader({ SHA256 }: SignatureTags, header: Buffer, subject: string): void {
  const found = digest('sha256', header).toString('hex');
  if (SHA256 === undefined || SHA256 === found) return;
  throw new RpmError(
    'RPM_DAMAGED',
    subject,
    `the header's sha256 is ${found}, expected ${SHA256}. Build or fetch it again.`,
  );
}
