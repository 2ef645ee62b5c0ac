/**
 * Certificates: a primary key, its user IDs and subkeys, with the signatures that bind, limit and revoke them (RFC 9580, "Transferable Public Keys" and
 * "Signature Types"). Only signatures that verify count.
 */
import { hasSecret } from './unlock.js';
import { keyData, parseKeyPacket, type KeyPacket } from './key-packet.js';
import { readPackets, TAG, writePacket, type Packet } from './packets.js';
import { isSignatureOf, parseSignature, type Signature } from './signature.js';

/** A key of a certificate, and what its owner says of it. */
export interface CertifiedKey {
  key: KeyPacket;
  isPrimary: boolean;
  canSign: boolean;
  isRevoked: boolean;
  /** Seconds since 1970; undefined if it never expires, or nothing binds the key. */
  expires: number | undefined;
  /** Whether the file has the secret. */
  isThere: boolean;
}

export interface Certificate {
  primary: KeyPacket;
  keys: CertifiedKey[];
  userIds: string[];
  /** Without signatures of others and without secrets, as gpg exports it. */
  publicPackets: Buffer;
}

const CERTIFICATIONS = [0x10, 0x11, 0x12, 0x13];
const TYPES = {
  certificationRevoked: 0x30,
  subkeyBinding: 0x18,
  primaryBinding: 0x19,
  directKey: 0x1f,
  keyRevoked: 0x20,
  subkeyRevoked: 0x28,
};
const SIGNS = 2;

/** A key or user ID with the signatures behind it. */
interface Part extends Packet {
  signatures: { body: Buffer; signature: Signature }[];
}

/** @throws RangeError if the bytes are no packets */
export function readCertificates(bytes: Buffer): Certificate[] {
  const groups: Part[][] = [];
  for (const packet of readPackets(bytes)) {
    const isPrimary = packet.tag === TAG.secretKey || packet.tag === TAG.publicKey;
    if (isPrimary) groups.push([]);
    const signature = packet.tag === TAG.signature ? parseSignature(packet.body) : undefined;
    const group = groups.at(-1);
    if (signature !== undefined) group?.at(-1)?.signatures.push({ body: packet.body, signature });
    else if (packet.tag !== TAG.signature) group?.push({ ...packet, signatures: [] });
  }
  return groups.flatMap((parts) => certificateOf(parts) ?? []);
}

function certificateOf([first, ...parts]: readonly Part[]): Certificate | undefined {
  const primary = first && parseKeyPacket(first.body, first.tag === TAG.secretKey);
  if (first === undefined || primary === undefined) return undefined;
  const userIds = parts
    .filter(({ tag }) => tag === TAG.userId)
    .map((part) => ({ part, data: userIdData(primary, part) }));
  const subkeys = parts.flatMap((part) => {
    const isSecret = part.tag === TAG.secretSubkey;
    const key = isSecret || part.tag === TAG.publicSubkey ? parseKeyPacket(part.body, isSecret) : undefined;
    return key === undefined ? [] : [{ part, key, data: Buffer.concat([keyData(primary.body), keyData(key.body)]) }];
  });
  const own = (part: Part, data: Buffer) =>
    part.signatures.filter(({ signature }) => isSignatureOf(signature, primary, data));
  const direct = own(first, keyData(primary.body));
  const certifications = userIds.flatMap(({ part, data }) => {
    const valid = own(part, data);
    return valid.some(({ signature }) => signature.type === TYPES.certificationRevoked) ? [] : valid;
  });
  const packets = [
    writePacket(TAG.publicKey, primary.body),
    ...direct.map(signaturePacket),
    ...userIds.flatMap(({ part, data }) => [
      writePacket(TAG.userId, part.body),
      ...own(part, data).map(signaturePacket),
    ]),
    ...subkeys.flatMap(({ part, key, data }) => [
      writePacket(TAG.publicSubkey, key.body),
      ...own(part, data).map(signaturePacket),
    ]),
  ];
  const ofPrimary = [...certifications, ...direct].map(({ signature }) => signature);
  return {
    primary,
    userIds: userIds.map(({ part }) => part.body.toString()),
    keys: [
      certifiedPrimary(primary, ofPrimary),
      ...subkeys.map(({ part, key, data }) =>
        certifiedSubkey(
          key,
          own(part, data).map(({ signature }) => signature),
          data,
        ),
      ),
    ],
    publicPackets: Buffer.concat(packets),
  };
}

function signaturePacket({ body }: { body: Buffer }): Buffer {
  return writePacket(TAG.signature, body);
}

function userIdData(primary: KeyPacket, { body }: Part): Buffer {
  const head = Buffer.from([0xb4, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([keyData(primary.body), head, body]);
}

function certifiedPrimary(key: KeyPacket, signatures: readonly Signature[]): CertifiedKey {
  const latest = newest(signatures.filter(({ type }) => CERTIFICATIONS.includes(type) || type === TYPES.directKey));
  return {
    ...certified(
      key,
      latest,
      signatures.some(({ type }) => type === TYPES.keyRevoked),
    ),
    isPrimary: true,
  };
}

function certifiedSubkey(key: KeyPacket, signatures: readonly Signature[], data: Buffer): CertifiedKey {
  const latest = newest(signatures.filter(({ type }) => type === TYPES.subkeyBinding));
  const found = certified(
    key,
    latest,
    signatures.some(({ type }) => type === TYPES.subkeyRevoked),
  );
  return {
    ...found,
    isPrimary: false,
    canSign: found.canSign && latest !== undefined && isBoundBySubkey(key, latest, data),
  };
}

/** Otherwise anyone could add the signing subkey of another to his certificate. */
function isBoundBySubkey(key: KeyPacket, { embedded }: Signature, data: Buffer): boolean {
  const back = embedded && parseSignature(embedded);
  return back?.type === TYPES.primaryBinding && isSignatureOf(back, key, data);
}

function certified(key: KeyPacket, latest: Signature | undefined, isRevoked: boolean): Omit<CertifiedKey, 'isPrimary'> {
  const { keyFlags = SIGNS, keyExpires = 0 } = latest ?? {};
  const canSign = latest !== undefined && (keyFlags & SIGNS) !== 0 && key.algorithm !== undefined;
  return {
    key,
    canSign,
    isRevoked,
    expires: keyExpires === 0 ? undefined : key.created + keyExpires,
    isThere: hasSecret(key),
  };
}

function newest(signatures: readonly Signature[]): Signature | undefined {
  return [...signatures].sort((one, other) => other.created - one.created)[0];
}
