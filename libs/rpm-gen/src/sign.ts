/** Signs a finished RPM as rpmsign does: a signature of the header, which has the payload's digest (rpm.org, "RPM V4 signature tags"). */
import { checkPayload } from './check-payload.js';
import { encodeHeader } from './header.js';
import { LEAD_SIZE } from './lead.js';
import { checkOpenPgpSignature, signatureAlgorithm, type SignatureAlgorithm } from './openpgp.js';
import { readRpm } from './read.js';
import type { EncodedRpm } from './rpm.js';
import { padSignature } from './signature.js';
import { SIGNATURE_REGION, SIGNATURE_TAGS, type SignatureTags } from './tags.js';

/** Gives a detached, binary OpenPGP signature of the data: one packet of version 4 (in format 6 also of version 6), not armored. Its last byte may be a newline, which execa strips by default. */
export type Signer = (data: Uint8Array) => Promise<Uint8Array>;

/** rpm has one place for RSA, and another for all that came later. */
const SIGNATURE_PLACES = {
  rsa: 'RSAHEADER',
  dsa: 'DSAHEADER',
  eddsa: 'DSAHEADER',
} as const satisfies Record<SignatureAlgorithm, keyof SignatureTags>;

/**
 * Replaces existing signatures. The signature uses the reserved space, so the file keeps its size (except where it has too little
 * of that), and only the signature header differs. Tags of a foreign signature header that `SignatureTags` doesn't name are dropped.
 * The last chunk is a view of `rpm`, not a copy. `subject` is the file's name for messages.
 *
 * @throws RpmError `RPM_DAMAGED` where header or payload don't match their digests, `RPM_SIGNATURE_INVALID` where rpm could not verify what `sign` gave
 */
export async function signRpm(rpm: Uint8Array, sign: Signer, subject = 'RPM'): Promise<EncodedRpm> {
  const { signature, header, headerOffset, payloadOffset } = readRpm(rpm, subject);
  checkPayload(header, rpm.subarray(payloadOffset), subject);
  const packet = await sign(rpm.subarray(headerOffset, payloadOffset));
  const place = header.RPMFORMAT === undefined ? placeOf(packet, subject) : openPgpPlace(packet, subject);
  return replaceSignatureTags(rpm, { ...withoutSignatures(signature), ...place }, subject);
}

function placeOf(packet: Uint8Array, subject: string): SignatureTags {
  return { [SIGNATURE_PLACES[signatureAlgorithm(packet, subject)]]: packet };
}

/** Of format 6. */
function openPgpPlace(packet: Uint8Array, subject: string): SignatureTags {
  checkOpenPgpSignature(packet, subject);
  return { OPENPGP: [Buffer.from(packet).toString('base64')] };
}

/** Another signature header before the same header and payload. */
export function replaceSignatureTags(rpm: Uint8Array, tags: SignatureTags, subject: string): EncodedRpm {
  const { headerOffset, signatureSize } = readRpm(rpm, subject);
  const chunks = [
    rpm.subarray(0, LEAD_SIZE),
    padSignature(encodeInto(signatureSize, tags, subject)),
    rpm.subarray(headerOffset),
  ];
  return { chunks, size: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

function withoutSignatures({
  DSAHEADER: _dsa,
  RSAHEADER: _rsa,
  OPENPGP: _openPgp,
  ...rest
}: SignatureTags): SignatureTags {
  return rest;
}

/** The reserved space is the header's last entry, so the header's size follows it byte for byte. Format 6 has a tag of its own for it. */
function encodeInto(size: number, tags: SignatureTags, subject: string): Uint8Array {
  const place = tags.RESERVED === undefined ? 'RESERVEDSPACE' : 'RESERVED';
  const encode = (reserved: number) =>
    encodeHeader(SIGNATURE_REGION, SIGNATURE_TAGS, { ...tags, [place]: new Uint8Array(reserved) }, subject);
  const reserved = tags[place]?.length ?? 0;
  return encode(Math.max(0, reserved + size - encode(reserved).length));
}
