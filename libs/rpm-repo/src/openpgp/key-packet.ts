/**
 * Public and secret keys of version 4 (RFC 9580, "Version 4 Public Keys" and "Secret-Key Encryption"; the algorithms that rpm 4 verifies).
 *
 *     offset   size
 *      0       1      version: 4
 *      1       4      time of creation, in seconds since 1970
 *      5       1      algorithm: 1 or 3 is RSA, 22 EdDSA with the curve Ed25519
 *      6              RSA: n, e; EdDSA: length and OID of the curve, point
 *                     a secret key goes on with its protection and its secret numbers
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Cursor } from './packets.js';

export interface KeyPacket {
  /** Of the public part. */
  body: Buffer;
  /** In hex, capitals. */
  fingerprint: string;
  /** Seconds since 1970. */
  created: number;
  /** `rsa`, `eddsa`; undefined if it cannot be used here. */
  algorithm: KeyAlgorithm | undefined;
  /** undefined if it cannot be used here. */
  publicKey: KeyObject | undefined;
  /** What follows the public part of a secret key. */
  secret: Buffer | undefined;
}

export type KeyAlgorithm = 'rsa' | 'eddsa';

/** Number in packets. */
export const ALGORITHM_NUMBERS: Readonly<Record<KeyAlgorithm, number>> = { rsa: 1, eddsa: 22 };

const ED25519_OID = '2b06010401da470f01';
const PLAIN_POINT = 0x40;

/** How many numbers the public part of each algorithm has. */
const NUMBERS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 2, 16: 3, 17: 4 };

/** undefined if it is of another version or an unknown algorithm, whose public part has an unknown length. */
export function parseKeyPacket(bytes: Buffer, isSecret: boolean): KeyPacket | undefined {
  const cursor = new Cursor(bytes);
  if (cursor.byte() !== 4) return undefined;
  const created = cursor.number(4);
  const found = readPublic(cursor, cursor.byte());
  if (found === undefined) return undefined;
  const body = bytes.subarray(0, cursor.at);
  const fingerprint = createHash('sha1').update(keyData(body)).digest('hex').toUpperCase();
  return { body, fingerprint, created, ...found, secret: isSecret ? cursor.rest() : undefined };
}

type PublicPart = Pick<KeyPacket, 'algorithm' | 'publicKey'>;
const UNUSABLE: PublicPart = { algorithm: undefined, publicKey: undefined };

function readPublic(cursor: Cursor, number: number): PublicPart | undefined {
  const count = NUMBERS[number];
  if (count !== undefined) {
    const [n, e] = Array.from({ length: count }, () => cursor.mpi());
    if ((number !== 1 && number !== 3) || n === undefined || e === undefined) return UNUSABLE;
    const jwk = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
    return usable('rsa', jwk);
  }
  // ECDH, ECDSA, EdDSA
  if (![18, 19, 22].includes(number)) return undefined;
  const oid = cursor.take(cursor.byte()).toString('hex');
  const point = cursor.mpi();
  if (number === 18) cursor.take(cursor.byte());
  if (number !== 22 || oid !== ED25519_OID || point.length !== 33 || point[0] !== PLAIN_POINT) return UNUSABLE;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: point.subarray(1).toString('base64url') };
  return usable('eddsa', jwk);
}

/** Unless OpenSSL refuses its numbers. */
function usable(algorithm: KeyAlgorithm, jwk: JsonWebKey): PublicPart {
  try {
    return { algorithm, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
  } catch {
    return UNUSABLE;
  }
}

/** A key as signatures and fingerprints digest it. */
export function keyData(body: Buffer): Buffer {
  const head = Buffer.from([0x99, 0, 0]);
  head.writeUInt16BE(body.length, 1);
  return Buffer.concat([head, body]);
}
