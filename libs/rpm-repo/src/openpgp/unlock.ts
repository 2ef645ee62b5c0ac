/** Unlocks secret keys in memory (RFC 9580, "Secret-Key Encryption" and "String-to-Key Specifiers"): what gpg exports, with and without a passphrase. */
import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import type { KeyPacket } from './key-packet.js';
import { Cursor } from './packets.js';

/** Why a key cannot be unlocked, for messages. */
export interface Locked {
  locked:
    | 'it needs a passphrase'
    | 'the passphrase is wrong'
    | 'its secret is elsewhere'
    | 'it is protected in an unknown way';
}

const HASHES: Readonly<Record<number, string>> = { 2: 'sha1', 8: 'sha256', 9: 'sha384', 10: 'sha512', 11: 'sha224' };
const CIPHERS: Readonly<Record<number, { name: string; keySize: number }>> = {
  7: { name: 'aes-128-cfb', keySize: 16 },
  8: { name: 'aes-192-cfb', keySize: 24 },
  9: { name: 'aes-256-cfb', keySize: 32 },
};
const BLOCK = 16;
const SHA1_SIZE = 20;
const GNU_EXTENSION = 101;
const UNKNOWN: Locked = { locked: 'it is protected in an unknown way' };

/** Whether the file has the secret numbers: gpg replaces those of a card, and those of a primary key that is kept offline, by a note. */
export function hasSecret({ secret }: KeyPacket): boolean {
  return secret !== undefined && !(secret[0] !== 0 && secret[2] === GNU_EXTENSION);
}

export function unlock(key: KeyPacket, passphrase: Buffer | undefined): KeyObject | Locked {
  if (key.secret === undefined || !hasSecret(key)) return { locked: 'its secret is elsewhere' };
  const numbers = decrypt(new Cursor(key.secret), passphrase);
  if ('locked' in numbers) return numbers;
  try {
    const privateKey = privateKeyOf(key, new Cursor(numbers));
    const isItsOwn = key.publicKey?.equals(createPublicKey(privateKey)) === true;
    return isItsOwn ? privateKey : UNKNOWN;
  } catch {
    // OpenSSL refuses its numbers.
    return UNKNOWN;
  } finally {
    numbers.fill(0);
  }
}

/** The secret numbers in plain, after their checksum has been verified. */
function decrypt(cursor: Cursor, passphrase: Buffer | undefined): Buffer | Locked {
  const usage = cursor.byte();
  if (usage === 0) return withoutSum(Buffer.from(cursor.rest())) ?? UNKNOWN;
  if (usage !== 254 && usage !== 255) return UNKNOWN;
  const cipher = CIPHERS[cursor.byte()];
  const derive = stringToKey(cursor);
  if (cipher === undefined || derive === undefined) return UNKNOWN;
  if (passphrase === undefined) return { locked: 'it needs a passphrase' };
  const key = derive(passphrase, cipher.keySize);
  const decipher = createDecipheriv(cipher.name, key, cursor.take(BLOCK));
  const plain = Buffer.concat([decipher.update(cursor.rest()), decipher.final()]);
  key.fill(0);
  return (usage === 254 ? withoutDigest(plain) : withoutSum(plain)) ?? { locked: 'the passphrase is wrong' };
}

function withoutDigest(plain: Buffer): Buffer | undefined {
  const end = plain.length - SHA1_SIZE;
  if (end < 0) return undefined;
  const numbers = plain.subarray(0, end);
  const isRight = timingSafeEqual(createHash('sha1').update(numbers).digest(), plain.subarray(end));
  return isRight ? numbers : undefined;
}

function withoutSum(plain: Buffer): Buffer | undefined {
  const end = plain.length - 2;
  if (end < 0) return undefined;
  const numbers = plain.subarray(0, end);
  const sum = numbers.reduce((total, byte) => (total + byte) & 0xffff, 0);
  return sum === plain.readUInt16BE(end) ? numbers : undefined;
}

type Derive = (passphrase: Buffer, size: number) => Buffer;

/** Salted, and iterated as gpg does it. */
function stringToKey(cursor: Cursor): Derive | undefined {
  const type = cursor.byte();
  const hash = HASHES[cursor.byte()];
  if (hash === undefined || (type !== 1 && type !== 3)) return undefined;
  const salt = cursor.take(8);
  const coded = type === 3 ? cursor.byte() : undefined;
  return (passphrase, size) => {
    const once = Buffer.concat([salt, passphrase]);
    const count = coded === undefined ? 0 : (16 + (coded & 15)) << ((coded >> 4) + 6);
    const blocks: Buffer[] = [];
    for (let length = 0; length < size; length = Buffer.concat(blocks).length) {
      const context = createHash(hash).update(Buffer.alloc(blocks.length));
      blocks.push(updateRepeatedly(context, once, Math.max(count, once.length)).digest());
    }
    once.fill(0);
    return Buffer.concat(blocks).subarray(0, size);
  };
}

function updateRepeatedly(
  hash: ReturnType<typeof createHash>,
  once: Buffer,
  count: number,
): ReturnType<typeof createHash> {
  const many = Buffer.concat(Array.from({ length: Math.ceil(65_536 / once.length) }, () => once));
  for (let left = count; left > 0; left -= many.length) hash.update(many.subarray(0, Math.min(left, many.length)));
  many.fill(0);
  return hash;
}

function privateKeyOf({ algorithm, publicKey }: KeyPacket, secret: Cursor): KeyObject {
  const known = publicKey?.export({ format: 'jwk' });
  if (known === undefined || algorithm === undefined) throw new RangeError('the algorithm of the key is unknown');
  if (algorithm === 'eddsa') {
    const seed = secret.mpi();
    const d = Buffer.concat([Buffer.alloc(32 - seed.length), seed]).toString('base64url');
    return createPrivateKey({ key: { ...known, d }, format: 'jwk' });
  }
  // OpenPGP has the inverse of p modulo q, and JWK that of q modulo p.
  const [d, q, p, qi] = [secret.mpi(), secret.mpi(), secret.mpi(), secret.mpi()].map(toInteger) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const numbers = { d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi };
  const encoded = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, toBase64(value)]));
  return createPrivateKey({ key: { ...known, ...encoded }, format: 'jwk' });
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

function toBase64(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
