/** Makes and verifies signatures of version 4 (RFC 9580, "Version 4 and 6 Signature Packet Formats"), with SHA-2, by RSA and Ed25519 keys. */
import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { ALGORITHM_NUMBERS, type KeyAlgorithm, type KeyPacket } from './key-packet.js';
import { Cursor, encodeMpi, newLength, TAG, writePacket } from './packets.js';

export const TYPE = { binary: 0x00, text: 0x01 } as const;

const HASHES: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512', 11: 'sha224' };
const SHA256 = 8;
const SUBPACKET = {
  created: 2,
  expires: 3,
  keyExpires: 9,
  issuer: 16,
  flags: 27,
  issuerFingerprint: 33,
  embedded: 32,
} as const;

export interface Signature {
  type: number;
  algorithm: number;
  /** Seconds since 1970. */
  created: number;
  /** Seconds after the key's creation; 0 if it never expires. */
  keyExpires: number;
  /** Seconds after its own creation; 0 if it never expires. */
  expires: number;
  /** 1 certifies, 2 signs; undefined if the signature says nothing. */
  keyFlags: number | undefined;
  /** In hex, capitals: a whole fingerprint, or its last 16 digits. */
  issuer: string;
  /** The body of a signature by the subkey that this one binds. */
  embedded: Buffer | undefined;
  hash: string | undefined;
  /** What is digested behind the data. */
  trailer: Buffer;
  numbers: Buffer;
}

/** undefined if it is of another version. */
export function parseSignature(body: Buffer): Signature | undefined {
  const cursor = new Cursor(body);
  if (cursor.byte() !== 4) return undefined;
  const [type, algorithm, hashNumber] = [cursor.byte(), cursor.byte(), cursor.byte()];
  const hashed = readSubpackets(cursor.take(cursor.number(2)));
  const covered = body.subarray(0, cursor.at);
  const others = readSubpackets(cursor.take(cursor.number(2)));
  // The first digits of the digest, which tell nothing that the signature does not.
  cursor.take(2);
  const end = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  end.writeUInt32BE(covered.length, 2);
  return {
    ...{ type, algorithm, hash: HASHES[hashNumber], trailer: Buffer.concat([covered, end]), numbers: cursor.rest() },
    created: hashed.get(SUBPACKET.created)?.readUInt32BE() ?? 0,
    keyExpires: hashed.get(SUBPACKET.keyExpires)?.readUInt32BE() ?? 0,
    expires: hashed.get(SUBPACKET.expires)?.readUInt32BE() ?? 0,
    keyFlags: hashed.get(SUBPACKET.flags)?.[0],
    issuer: issuerOf(hashed) ?? issuerOf(others) ?? '',
    embedded: hashed.get(SUBPACKET.embedded) ?? others.get(SUBPACKET.embedded),
  };
}

function readSubpackets(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const { start, length } = newLength(bytes, at, true);
    const cursor = new Cursor(bytes, start);
    const type = cursor.byte() & 0x7f;
    found.set(type, cursor.take(length - 1));
    at = start + length;
  }
  return found;
}

function issuerOf(subpackets: ReadonlyMap<number, Buffer>): string | undefined {
  const issuer = subpackets.get(SUBPACKET.issuerFingerprint)?.subarray(1) ?? subpackets.get(SUBPACKET.issuer);
  return issuer?.toString('hex').toUpperCase();
}

/** Whether the key made the signature of the data. Ignores times, which the caller judges. */
export function isSignatureOf(signature: Signature, key: KeyPacket, data: Uint8Array): boolean {
  const { algorithm, publicKey, fingerprint } = key;
  const { hash, trailer, numbers, issuer } = signature;
  if (algorithm === undefined || publicKey === undefined || hash === undefined) return false;
  if (signature.algorithm !== ALGORITHM_NUMBERS[algorithm] || issuer === '' || !fingerprint.endsWith(issuer))
    return false;
  const signed = Buffer.concat([data, trailer]);
  try {
    const value = signatureValue(algorithm, publicKey, new Cursor(numbers));
    if (algorithm === 'rsa') return verify(hash, signed, publicKey, value);
    return verify(undefined, createHash(hash).update(signed).digest(), publicKey, value);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function signatureValue(algorithm: KeyAlgorithm, publicKey: KeyObject, numbers: Cursor): Buffer {
  if (algorithm === 'rsa') return leftPadded(numbers.mpi(), (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  return Buffer.concat([leftPadded(numbers.mpi(), 32), leftPadded(numbers.mpi(), 32)]);
}

function leftPadded(bytes: Buffer, size: number): Buffer {
  if (bytes.length > size) throw new RangeError('a number of the signature is too large');
  return Buffer.concat([Buffer.alloc(Math.ceil(size) - bytes.length), bytes]);
}

export interface SigningKey {
  key: KeyPacket;
  privateKey: KeyObject;
}

export interface SignOptions {
  type: number;
  /** Seconds since 1970. */
  time: number;
}

/** The packet that gpg makes of the same data, key and time. */
export function makeSignature({ key, privateKey }: SigningKey, data: Uint8Array, { type, time }: SignOptions): Buffer {
  const { algorithm, fingerprint } = key;
  if (algorithm === undefined) throw new RangeError('the algorithm of the key is unknown');
  const id = Buffer.from(fingerprint, 'hex');
  const created = Buffer.alloc(4);
  created.writeUInt32BE(time);
  const hashed = Buffer.concat([
    subpacket(SUBPACKET.issuerFingerprint, Buffer.concat([Buffer.from([4]), id])),
    subpacket(SUBPACKET.created, created),
  ]);
  const covered = Buffer.concat([Buffer.from([4, type, ALGORITHM_NUMBERS[algorithm], SHA256]), withLength(hashed)]);
  const end = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  end.writeUInt32BE(covered.length, 2);
  const signed = Buffer.concat([data, covered, end]);
  const digest = createHash('sha256').update(signed).digest();
  const value = algorithm === 'rsa' ? sign('sha256', signed, privateKey) : sign(undefined, digest, privateKey);
  const numbers = algorithm === 'rsa' ? [value] : [value.subarray(0, 32), value.subarray(32)];
  const unhashed = withLength(subpacket(SUBPACKET.issuer, id.subarray(-8)));
  return writePacket(
    TAG.signature,
    Buffer.concat([covered, unhashed, digest.subarray(0, 2), ...numbers.map(encodeMpi)]),
  );
}

function subpacket(type: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([content.length + 1, type]), content]);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
