/**
 * Verifies the signatures of an RPM with public keys (RFC 9580, "Computing Signatures"; rpm.org, "RPM V4 signature tags", "RPM V6 Package format"). Pure.
 *
 *     offset   size
 *      0       4      version (4 or 6), type, algorithm, hash algorithm
 *      4       2      bytes of hashed subpackets, which follow; 4 bytes in version 6
 *              2      bytes of unhashed subpackets, which follow; 4 bytes in version 6
 *              2      first bytes of the digest
 *              1      version 6 only: bytes of salt, which follow
 *                     the signature: numbers, or 64 or 114 bytes of Ed25519 or Ed448
 *
 * The digest is of the salt, the data, the packet up to the end of the hashed subpackets, and the version and ff with the size of that in 4 bytes.
 */
import { createHash, verify } from 'node:crypto';
import { checkPayload } from './check-payload.js';
import { BINARY_DOCUMENT, HASHES } from './openpgp.js';
import { readPackets } from './packets.js';
import { readNumbers, type PublicKey } from './public-key.js';
import { readRpm, type ReadRpm } from './read.js';

const ALGORITHMS: Record<number, PublicKey['algorithm']> = {
  1: 'rsa',
  22: 'eddsa',
  27: 'ed25519',
  28: 'ed448',
};
const NATIVE_BYTES = { ed25519: 64, ed448: 114 };
/** Version 6 adds SHA-3. */
const CHECKED_HASHES = new Map([...HASHES, [12, 'sha3-256'], [14, 'sha3-512']] as const);
/** Bytes of salt that each hash algorithm has in version 6. */
const SALT_BYTES: Record<string, number> = {
  sha224: 16,
  sha256: 16,
  sha384: 24,
  sha512: 32,
  'sha3-256': 16,
  'sha3-512': 32,
};
const CREATED = 2;
const ISSUER_KEY_ID = 16;
const ISSUER_FINGERPRINT = 33;
const FIELD_BYTES = 32;

export interface SignatureCheck {
  /** `no key`: none of the given keys made it. `unsupported`: it is of another version or algorithm. */
  status: 'good' | 'bad' | 'no key' | 'unsupported';
  /** `rsa`, `eddsa`, `ed25519`, `ed448`, or the algorithm's number. */
  algorithm: string;
  /** `sha256`, or the hash algorithm's number. */
  hash: string;
  /** Fingerprint or key ID in hex, as the signature names it; empty where it doesn't. */
  issuer: string;
  /** Seconds since 1970. */
  created: number | undefined;
  /** Of a good signature. */
  key?: PublicKey;
}

/**
 * Checks the signatures of the header. The header has the payload's digest, which is compared, so that a good one vouches for both.
 * Expiry and revocation of keys are not evaluated.
 *
 * @returns nothing for an RPM that isn't signed
 * @throws RpmError `RPM_DAMAGED`
 */
export function checkSignatures(rpm: Uint8Array, keys: readonly PublicKey[], subject = 'RPM'): SignatureCheck[] {
  const read = readRpm(rpm, subject);
  // One that isn't signed may be older than digests of payloads.
  if (isSigned(read)) checkPayload(read.header, rpm.subarray(read.payloadOffset), subject);
  return checkHeaderSignatures(read, rpm, keys);
}

export function isSigned({ signature: { RSAHEADER, DSAHEADER, OPENPGP } }: Pick<ReadRpm, 'signature'>): boolean {
  return (RSAHEADER ?? DSAHEADER ?? OPENPGP) !== undefined;
}

/**
 * As `checkSignatures`, without the payload.
 *
 * @param rpm - the file up to the end of the header, at least
 */
export function checkHeaderSignatures(
  { signature, headerOffset, payloadOffset }: ReadRpm,
  rpm: Uint8Array,
  keys: readonly PublicKey[],
): SignatureCheck[] {
  const signed = rpm.subarray(headerOffset, payloadOffset);
  const packets = [signature.RSAHEADER, signature.DSAHEADER].filter((packet) => packet !== undefined);
  const encoded = (signature.OPENPGP ?? []).map((text) => Buffer.from(text, 'base64'));
  return [...packets, ...encoded].map((packet) => checkPacket(Buffer.from(packet), signed, keys));
}

function checkPacket(bytes: Buffer, data: Uint8Array, keys: readonly PublicKey[]): SignatureCheck {
  const body = readPackets(bytes)?.[0]?.body;
  const version = body?.[0];
  const parts = body !== undefined && (version === 4 || version === 6) ? split(body) : undefined;
  if (body === undefined || parts === undefined) return unsupported(body);
  const [, type = -1, algorithmNumber = -1, hashNumber = -1] = body;
  const [algorithm, hash] = [ALGORITHMS[algorithmNumber], CHECKED_HASHES.get(hashNumber)];
  const issuer = issuerOf(parts);
  const created = parts.subpackets.get(CREATED);
  const common = {
    algorithm: algorithm ?? `${algorithmNumber}`,
    hash: hash ?? `${hashNumber}`,
    issuer,
    created: created?.length === 4 ? created.readUInt32BE() : undefined,
  };
  const isSalted = version !== 6 || parts.salt.length === SALT_BYTES[hash ?? ''];
  if (algorithm === undefined || hash === undefined || type !== BINARY_DOCUMENT || !isSalted)
    return { ...common, status: 'unsupported' };
  const key = keys.find(
    (one) =>
      issuer !== '' && one.version === version && one.fingerprint.endsWith(issuer) && one.algorithm === algorithm,
  );
  if (key === undefined) return { ...common, status: 'no key' };
  const pieces = [parts.salt, data, parts.hashed, trailer(version ?? 4, parts.hashed.length)];
  const isGood = isSignature(key, hash, pieces, parts.material);
  return isGood ? { ...common, status: 'good', key } : { ...common, status: 'bad' };
}

interface SignatureParts {
  /** The packet up to the end of the hashed subpackets. */
  hashed: Buffer;
  /** Hashed ones, and the unhashed issuer: it only helps to find the key. */
  subpackets: Map<number, Buffer>;
  /** Empty in version 4. */
  salt: Buffer;
  /** What belongs to the algorithm. */
  material: Buffer;
}

function split(body: Buffer): SignatureParts | undefined {
  const width = body[0] === 6 ? 4 : 2;
  const start = 4 + width;
  if (body.length < start) return undefined;
  const end = start + body.readUIntBE(4, width);
  if (end + width > body.length) return undefined;
  const last = end + width + body.readUIntBE(end, width);
  if (last + 3 > body.length) return undefined;
  const saltStart = last + 3;
  const saltEnd = body[0] === 6 ? saltStart + (body[last + 2] ?? 0) : last + 2;
  const unhashed = readSubpackets(body.subarray(end + width, last));
  unhashed.delete(CREATED);
  const subpackets = new Map([...unhashed, ...readSubpackets(body.subarray(start, end))]);
  return {
    hashed: body.subarray(0, end),
    subpackets,
    salt: body.subarray(Math.min(saltStart, saltEnd), saltEnd),
    material: body.subarray(saltEnd),
  };
}

/** Contents by type; of several the first. A subpacket is a length of 1, 2 or 5 bytes, a type whose high bit says that it matters, and the content. */
function readSubpackets(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const intro = first < 192 ? 1 : first < 255 ? 2 : 5;
    if (at + intro > bytes.length) break;
    const second = bytes[at + 1] ?? 0;
    const length = intro === 1 ? first : intro === 2 ? ((first - 192) << 8) + second + 192 : bytes.readUInt32BE(at + 1);
    const type = (bytes[at + intro] ?? 0) & 0x7f;
    if (!found.has(type)) found.set(type, bytes.subarray(at + intro + 1, at + intro + length));
    at += intro + Math.max(length, 1);
  }
  return found;
}

function issuerOf({ subpackets }: SignatureParts): string {
  const fingerprint = subpackets.get(ISSUER_FINGERPRINT);
  if (fingerprint !== undefined) return fingerprint.subarray(1).toString('hex');
  return subpackets.get(ISSUER_KEY_ID)?.toString('hex') ?? '';
}

function trailer(version: number, size: number): Buffer {
  const bytes = Buffer.from([version, 0xff, 0, 0, 0, 0]);
  bytes.writeUInt32BE(size, 2);
  return bytes;
}

function isSignature(key: PublicKey, hash: string, pieces: readonly Uint8Array[], material: Buffer): boolean {
  const numbers = readNumbers(material);
  if (key.algorithm === 'rsa') {
    const size = (key.key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const [number] = numbers;
    if (number === undefined || number.length > size) return false;
    return verify(hash, Buffer.concat(pieces), key.key, leftPad(number, size));
  }
  const digest = createHash(hash);
  for (const piece of pieces) digest.update(piece);
  if (key.algorithm !== 'eddsa') {
    if (material.length !== NATIVE_BYTES[key.algorithm]) return false;
    return verify(undefined, digest.digest(), key.key, material);
  }
  const [r, s] = numbers;
  if (r === undefined || s === undefined || r.length > FIELD_BYTES || s.length > FIELD_BYTES) return false;
  // OpenPGP signs the digest as the message.
  return verify(undefined, digest.digest(), key.key, Buffer.concat([leftPad(r, FIELD_BYTES), leftPad(s, FIELD_BYTES)]));
}

/** Numbers come without leading zeros. */
function leftPad(number: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.alloc(size - number.length), number]);
}

function unsupported(body: Buffer | undefined): SignatureCheck {
  const [version] = body ?? [];
  return { status: 'unsupported', algorithm: `version ${version ?? '?'}`, hash: '', issuer: '', created: undefined };
}
