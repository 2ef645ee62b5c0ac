/**
 * Reads OpenPGP public keys of versions 4 and 6 (RFC 9580, "Version 4 Public Keys" and "Version 6 Public Keys"). Pure.
 *
 *     offset   size
 *      0       1      version: 4 or 6
 *      1       4      time of creation
 *      5       1      algorithm: 1 is RSA (n, e), 22 is EdDSA (curve's OID with a length byte, 0x40 and the point as one number),
 *                     27 is Ed25519, 28 is Ed448 (the point as it is)
 *      6       4      version 6 only: bytes of what follows
 *
 * Numbers are 2 bytes of length in bits, then big-endian bytes.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { digest } from '@pinpack/common/digest';
import { RpmError } from './errors.js';
import { dearmor, readPackets, type Packet } from './packets.js';

const PUBLIC_KEY = 6;
const USER_ID = 13;
const SUBKEY = 14;
const ED25519 = Buffer.from('092b06010401da470f01', 'hex');
const POINT = 0x40;
/** Curves whose points are stored as they are, by the algorithm's number. */
const NATIVE = new Map([
  [27, { algorithm: 'ed25519', crv: 'Ed25519', bytes: 32 }],
  [28, { algorithm: 'ed448', crv: 'Ed448', bytes: 57 }],
] as const);
/** Offset of what belongs to the algorithm, by version. */
const MATERIAL_OFFSETS = new Map([
  [4, 6],
  [6, 10],
]);

export interface PublicKey {
  /** Hex. */
  fingerprint: string;
  /** First user ID of the key that this one belongs to. */
  user: string;
  algorithm: 'rsa' | 'eddsa' | 'ed25519' | 'ed448';
  version: 4 | 6;
  key: KeyObject;
}

/**
 * Keys and subkeys that can verify signatures; others are left out. Expiry and revocation are not evaluated.
 *
 * @param bytes - as `gpg --export` writes them, armored or not
 * @param subject - the file's name
 * @throws RpmError `RPM_KEY_INVALID` where there is no such key
 */
export function readPublicKeys(bytes: Uint8Array, subject: string): PublicKey[] {
  const keys = certificatesOf(readPackets(dearmor(Buffer.from(bytes))) ?? []).flatMap((packets) => {
    const user = packets.find(({ tag }) => tag === USER_ID)?.body.toString('utf8') ?? '';
    return packets.flatMap(({ tag, body }) => {
      const material = tag === PUBLIC_KEY || tag === SUBKEY ? readMaterial(body) : undefined;
      const version: PublicKey['version'] = body[0] === 6 ? 6 : 4;
      return material === undefined ? [] : [{ fingerprint: fingerprintOf(body), user, version, ...material }];
    });
  });
  if (keys.length > 0) return keys;
  const message = 'found no OpenPGP public key of RSA or Ed25519, expected one. Export it: gpg --armor --export <key>';
  throw new RpmError('RPM_KEY_INVALID', subject, message);
}

/** Each begins with a primary key. */
function certificatesOf(packets: readonly Packet[]): Packet[][] {
  const certificates: Packet[][] = [];
  for (const packet of packets) {
    if (packet.tag === PUBLIC_KEY) certificates.push([]);
    certificates.at(-1)?.push(packet);
  }
  return certificates;
}

function readMaterial(body: Buffer): Pick<PublicKey, 'algorithm' | 'key'> | undefined {
  const offset = MATERIAL_OFFSETS.get(body[0] ?? 0);
  if (offset === undefined) return undefined;
  const material = body.subarray(offset);
  const number = body[5] ?? 0;
  switch (number) {
    case 1: {
      const [n, e] = readNumbers(material);
      if (n === undefined || e === undefined) return undefined;
      const jwk = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
      return { algorithm: 'rsa', key: createPublicKey({ key: jwk, format: 'jwk' }) };
    }
    case 22: {
      if (!material.subarray(0, ED25519.length).equals(ED25519)) return undefined;
      const [point] = readNumbers(material.subarray(ED25519.length));
      if (point?.length !== 33 || point[0] !== POINT) return undefined;
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: point.subarray(1).toString('base64url') };
      return { algorithm: 'eddsa', key: createPublicKey({ key: jwk, format: 'jwk' }) };
    }
    default: {
      const native = NATIVE.get(number as 27 | 28);
      if (material.length !== native?.bytes) return undefined;
      const jwk = { kty: 'OKP', crv: native.crv, x: material.toString('base64url') };
      return { algorithm: native.algorithm, key: createPublicKey({ key: jwk, format: 'jwk' }) };
    }
  }
}

/** Multiprecision integers up to the end, or up to the first that is cut off. */
export function readNumbers(bytes: Buffer): Buffer[] {
  const numbers: Buffer[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const end = at + 2 + Math.ceil(bytes.readUInt16BE(at) / 8);
    if (end > bytes.length) break;
    numbers.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return numbers;
}

function fingerprintOf(body: Buffer): string {
  if (body[0] === 6) {
    const intro = Buffer.from([0x9b, 0, 0, 0, 0]);
    intro.writeUInt32BE(body.length, 1);
    return digest('sha256', intro, body).toString('hex');
  }
  const prefix = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  return digest('sha1', prefix, body).toString('hex');
}
