/**
 * Verifies the signatures of an RPM with public keys (RFC 9580, "Computing Signatures"; rpm.org, "RPM V4 signature tags"). Pure.
 *
 *     offset   size
 *      0       4      version, type, algorithm, hash algorithm
 *      4       2      bytes of hashed subpackets, which follow
 *              2      bytes of unhashed subpackets, which follow
 *              2      first bytes of the digest
 *                     numbers of the signature
 *
 * The digest is of the data, the packet up to the end of the hashed subpackets, and 04 ff with the size of that in 4 bytes.
 */
import { createHash, verify } from 'node:crypto';
import { checkPayload } from './check-payload.js';
import { BINARY_DOCUMENT, HASHES } from './openpgp.js';
import { readPackets } from './packets.js';
import { readNumbers, type PublicKey } from './public-key.js';
import { readRpm } from './read.js';

const ALGORITHMS: Record<number, PublicKey['algorithm']> = { 1: 'rsa', 22: 'eddsa' };
const CREATED = 2;
const ISSUER_KEY_ID = 16;
const ISSUER_FINGERPRINT = 33;
const FIELD_BYTES = 32;

export interface SignatureCheck {
  /** `no key`: none of the given keys made it. `unsupported`: it is of another version or algorithm. */
  status: 'good' | 'bad' | 'no key' | 'unsupported';
  /** `rsa`, `eddsa`, or the algorithm's number. */
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
  const { signature, header, headerOffset, payloadOffset } = readRpm(rpm, subject);
  checkPayload(header, rpm.subarray(payloadOffset), subject);
  const signed = rpm.subarray(headerOffset, payloadOffset);
  const packets = [signature.RSAHEADER, signature.DSAHEADER].filter((packet) => packet !== undefined);
  return packets.map((packet) => checkPacket(Buffer.from(packet), signed, keys));
}

function checkPacket(bytes: Buffer, data: Uint8Array, keys: readonly PublicKey[]): SignatureCheck {
  const body = readPackets(bytes)?.[0]?.body;
  const parts = body?.[0] === 4 ? split(body) : undefined;
  if (body === undefined || parts === undefined) return unsupported(body);
  const [, type = -1, algorithmNumber = -1, hashNumber = -1] = body;
  const [algorithm, hash] = [ALGORITHMS[algorithmNumber], HASHES.get(hashNumber)];
  const issuer = issuerOf(parts);
  const created = parts.subpackets.get(CREATED);
  const common = {
    algorithm: algorithm ?? `${algorithmNumber}`,
    hash: hash ?? `${hashNumber}`,
    issuer,
    created: created?.length === 4 ? created.readUInt32BE() : undefined,
  };
  if (algorithm === undefined || hash === undefined || type !== BINARY_DOCUMENT)
    return { ...common, status: 'unsupported' };
  const key = keys.find((one) => issuer !== '' && one.fingerprint.endsWith(issuer) && one.algorithm === algorithm);
  if (key === undefined) return { ...common, status: 'no key' };
  const isGood = isSignature(key, hash, [data, parts.hashed, trailer(parts.hashed.length)], parts.numbers);
  return isGood ? { ...common, status: 'good', key } : { ...common, status: 'bad' };
}

interface SignatureParts {
  /** The packet up to the end of the hashed subpackets. */
  hashed: Buffer;
  /** Hashed ones, and the unhashed issuer: it only helps to find the key. */
  subpackets: Map<number, Buffer>;
  numbers: Buffer[];
}

function split(body: Buffer): SignatureParts | undefined {
  if (body.length < 6) return undefined;
  const end = 6 + body.readUInt16BE(4);
  if (end + 2 > body.length) return undefined;
  const last = end + 2 + body.readUInt16BE(end);
  if (last + 2 > body.length) return undefined;
  const unhashed = readSubpackets(body.subarray(end + 2, last));
  unhashed.delete(CREATED);
  const subpackets = new Map([...unhashed, ...readSubpackets(body.subarray(6, end))]);
  return { hashed: body.subarray(0, end), subpackets, numbers: readNumbers(body.subarray(last + 2)) };
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

function trailer(size: number): Buffer {
  const bytes = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  bytes.writeUInt32BE(size, 2);
  return bytes;
}

function isSignature(key: PublicKey, hash: string, pieces: readonly Uint8Array[], numbers: readonly Buffer[]): boolean {
  if (key.algorithm === 'rsa') {
    const size = (key.key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const [number] = numbers;
    if (number === undefined || number.length > size) return false;
    return verify(hash, Buffer.concat(pieces), key.key, leftPad(number, size));
  }
  const [r, s] = numbers;
  if (r === undefined || s === undefined || r.length > FIELD_BYTES || s.length > FIELD_BYTES) return false;
  const digest = createHash(hash);
  for (const piece of pieces) digest.update(piece);
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
