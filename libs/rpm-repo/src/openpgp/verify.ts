/** Verifies signatures of files and texts by the keys of a published certificate. */
import { readCertificates, type CertifiedKey } from './certificate.js';
import { parseCleartext, signedData } from './cleartext.js';
import { dearmor, readPackets, TAG } from './packets.js';
import { isSignatureOf, parseSignature, TYPE } from './signature.js';

export interface Verified {
  /** Of the key that signed, in hex; undefined if none of the keys did, or it may not sign. */
  fingerprint: string | undefined;
  /** Why the signature is not valid, for messages. */
  problem: string | undefined;
}

/** @param publicKey - armored. @param signature - one or more packets, armored or not. @param now - expired keys are refused */
export function verifyDetached(
  publicKey: string,
  data: Uint8Array,
  signature: Uint8Array | string,
  now = new Date(),
): Verified {
  return refuseMalformed(() => {
    const bytes = typeof signature === 'string' ? dearmor('SIGNATURE', signature) : Buffer.from(signature);
    return verifyPackets({ publicKey, data, bytes, type: TYPE.binary, now });
  });
}

export interface VerifiedText extends Verified {
  /** What was signed; undefined if the signature is not valid. */
  text: string | undefined;
}

/** @param document - a text with its signature */
export function verifyText(publicKey: string, document: string, now = new Date()): VerifiedText {
  let text: string | undefined;
  const verified = refuseMalformed(() => {
    const parsed = parseCleartext(document);
    if (parsed === undefined) return { fingerprint: undefined, problem: 'it is not a signed text' };
    ({ text } = parsed);
    return verifyPackets({ publicKey, data: signedData(text), bytes: parsed.signature, type: TYPE.text, now });
  });
  return { ...verified, text: verified.problem === undefined ? text : undefined };
}

interface Request {
  publicKey: string;
  data: Uint8Array;
  bytes: Buffer;
  type: number;
  now: Date;
}

function verifyPackets({ publicKey, data, bytes, type, now }: Request): Verified {
  const keys = readCertificates(dearmor('PUBLIC KEY BLOCK', publicKey)).flatMap((certificate) => certificate.keys);
  const packets = readPackets(bytes).filter(({ tag }) => tag === TAG.signature);
  for (const { body } of packets) {
    const signature = parseSignature(body);
    if (signature?.type !== type) continue;
    const signing = keys.find(({ key }) => isSignatureOf(signature, key, data));
    if (signing !== undefined) return { fingerprint: signing.key.fingerprint, problem: problemOf(signing, now) };
  }
  const known = keys.map(({ key }) => key.fingerprint).join(', ') || 'none';
  return { fingerprint: undefined, problem: `it is not a signature of these data by one of the keys (${known})` };
}

function problemOf({ canSign, isRevoked, expires, key }: CertifiedKey, now: Date): string | undefined {
  if (isRevoked) return `the key ${key.fingerprint} was revoked`;
  if (expires !== undefined && expires * 1000 <= now.getTime()) return `the key ${key.fingerprint} has expired`;
  return canSign ? undefined : `the key ${key.fingerprint} is not for signing`;
}

function refuseMalformed(check: () => Verified): Verified {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError) return { fingerprint: undefined, problem: error.message };
    throw error;
  }
}

/** Of the keys that may sign, in hex; none for a text that is no key. */
export function parseCertificateFingerprints(publicKey: string): string[] {
  try {
    const certificates = readCertificates(dearmor('PUBLIC KEY BLOCK', publicKey));
    return certificates.flatMap(({ keys }) => keys.filter(({ canSign }) => canSign).map(({ key }) => key.fingerprint));
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
