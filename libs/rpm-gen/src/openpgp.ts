/**
 * Parses OpenPGP signature packets (RFC 9580, "Packet Syntax" and "Version 4 and 6 Signature Packet Formats").
 *
 *     offset   size
 *      0       1      version: 4
 *      1       1      type: 0 is the signature of a binary document
 *      2       1      public-key algorithm
 *      3       1      hash algorithm
 */
import { RpmError } from './errors.js';
import { packetTag, readPackets } from './packets.js';

const SIGNATURE_PACKET = 2;
export const BINARY_DOCUMENT = 0;
/** Registered numbers; rpm 4 verifies these, and no others. */
const ALGORITHMS = new Map<number, SignatureAlgorithm>([
  [1, 'rsa'],
  [17, 'dsa'],
  [22, 'eddsa'],
]);
/** As node:crypto names them. Crypto policies of current systems refuse MD5, SHA-1 and RIPEMD-160. */
export const HASHES = new Map([
  [8, 'sha256'],
  [9, 'sha384'],
  [10, 'sha512'],
  [11, 'sha224'],
]);

export type SignatureAlgorithm = 'rsa' | 'dsa' | 'eddsa';

/** In format 6 a signature has one place, whatever its algorithm, and version 6 is known as well. */
export function checkOpenPgpSignature(signature: Uint8Array, subject: string): void {
  const body = readPacket(Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength), subject);
  const [version = -1, type = -1] = body;
  if (version !== 4 && version !== 6) throw unusable(subject, `version is ${version}, expected 4 or 6`);
  if (type !== BINARY_DOCUMENT)
    throw unusable(subject, `type is ${type}, expected ${BINARY_DOCUMENT} (a binary document)`);
}

/** `subject` is the RPM's file name. @throws RpmError `RPM_SIGNATURE_INVALID` where rpm could not verify such a packet. */
export function signatureAlgorithm(signature: Uint8Array, subject: string): SignatureAlgorithm {
  const body = readPacket(Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength), subject);
  const [version = -1, type = -1, algorithm = -1, hash = -1] = body;
  if (version !== 4) throw unusable(subject, `version is ${version}, expected 4`);
  if (type !== BINARY_DOCUMENT)
    throw unusable(subject, `type is ${type}, expected ${BINARY_DOCUMENT} (a binary document)`);
  const name = ALGORITHMS.get(algorithm);
  if (name === undefined)
    throw unusable(subject, `public-key algorithm is ${algorithm}, expected 1 (RSA), 17 (DSA) or 22 (EdDSA: Ed25519)`);
  if (!HASHES.has(hash)) throw unusable(subject, `hash algorithm is ${hash}, expected 8 to 11 (SHA-2)`);
  return name;
}

/** The body of the one packet. */
function readPacket(bytes: Buffer, subject: string): Buffer {
  if (packetTag(bytes) !== SIGNATURE_PACKET)
    throw unusable(subject, `begins with ${describeStart(bytes)}, expected a signature packet that is not armored`);
  const [packet, ...others] = readPackets(bytes) ?? [];
  if (packet !== undefined && others.length === 0) return packet.body;
  throw unusable(subject, `found ${bytes.length} bytes, expected those of exactly one packet`);
}

function describeStart(bytes: Buffer): string {
  return bytes.length === 0
    ? 'nothing'
    : bytes
        .subarray(0, 4)
        .toString('hex')
        .replace(/..(?=.)/g, '$& ');
}

function unusable(subject: string, found: string): RpmError {
  const next = 'Sign with an RSA or Ed25519 key, as `gpg --detach-sign --digest-algo sha256` does.';
  return new RpmError('RPM_SIGNATURE_INVALID', subject, `the signature can't be used: ${found}. ${next}`);
}
