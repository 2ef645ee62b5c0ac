// Signs and verifies entries with Ed25519 (RFC 8032), so that a reader with the public key rejects entries that others wrote into the store.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { StoreError } from '../store-error.js';
import type { EntryFacts, EntryRecord, EntrySignature } from './record.js';

const VERSION_LINE = 'pinpack store entry 1\n';
const PEM = /^\s*-----BEGIN /;

/**
 * The signed bytes: the version line, then each fact as `<name> <length in bytes>\n<text in UTF-8>\n`, in this order: kind, key,
 * namespace, sha256, size (decimal), fileName, and for each attachment, in the order of their names' bytes, its name and its text.
 * `created` is not in it: nothing is decided by it.
 */
export function signedBytes(facts: EntryFacts): Uint8Array {
  return Buffer.concat([Buffer.from(VERSION_LINE), encodeFields(signedFields(facts))]);
}

/** The facts that a signature covers, in the order of `signedBytes`. */
export function signedFields(facts: EntryFacts): [string, string][] {
  const attachments = Object.entries(facts.attachments)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .flatMap(([name, text]): [string, string][] => [
      ['attachment', name],
      ['text', text],
    ]);
  return [
    ['kind', facts.kind],
    ['key', facts.key],
    ['namespace', facts.namespace],
    ['sha256', facts.sha256],
    ['size', String(facts.size)],
    ['fileName', facts.fileName],
    ...attachments,
  ];
}

/** Encodes names and texts with their lengths, so that no two lists of fields have the same bytes. */
export function encodeFields(fields: readonly (readonly [string, string])[]): Uint8Array {
  return Buffer.from(fields.map(([name, text]) => `${name} ${Buffer.byteLength(text)}\n${text}\n`).join(''));
}

/** @param key - private */
export function signFacts(facts: EntryFacts, key: KeyObject): EntrySignature {
  const value = sign(null, signedBytes(facts), key).toString('base64');
  return { keyId: keyIdOf(createPublicKey(key)), value };
}

/** Whether readers with these public keys, if there are any, believe entries that are signed with the key. */
export function isBelievedSigner(signingKey: KeyObject | undefined, publicKeys: readonly KeyObject[]): boolean {
  if (publicKeys.length === 0) return true;
  if (signingKey === undefined) return false;
  const own = keyIdOf(createPublicKey(signingKey));
  return publicKeys.some((key) => keyIdOf(key) === own);
}

/** Whether one of the public keys made the record's signature. */
export function isSignedBy(record: EntryRecord, publicKeys: readonly KeyObject[]): boolean {
  const { signature } = record;
  if (signature === undefined) return false;
  return publicKeys
    .filter((key) => keyIdOf(key) === signature.keyId)
    .some((key) => verify(null, signedBytes(record), key, Buffer.from(signature.value, 'base64')));
}

/** The first 16 hex digits of the sha256 of a public key's DER. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(derOf(publicKey)).digest('hex').slice(0, 16);
}

/** A public key in one line: base64 of its DER (SPKI), as `publicKeys` in nx.json takes it. */
export function formatPublicKey(publicKey: KeyObject): string {
  return derOf(publicKey).toString('base64');
}

/** A new pair: the private key as PEM (PKCS 8), for `PINPACK_STORE_SIGNING_KEY`, and the public one in one line. */
export function generateSigningKeys(): { privateKey: string; publicKey: string; keyId: string } {
  const pair = generateKeyPairSync('ed25519');
  return {
    privateKey: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: formatPublicKey(pair.publicKey),
    keyId: keyIdOf(pair.publicKey),
  };
}

/**
 * @param text - PEM, or base64 of the DER (SPKI)
 * @param subject - origin of the key, for messages
 * @throws StoreError `STORE_KEY_INVALID`
 */
export function parsePublicKey(text: string, subject: string): KeyObject {
  // Node silently derives a public key from a private one; a private key in nx.json is a mistake to report.
  if (text.includes('PRIVATE KEY')) throw invalid(subject, 'a private key, expected a public one');
  return parseKey(subject, 'a public Ed25519 key: PEM, or base64 of its DER (SPKI)', () =>
    PEM.test(text)
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text.trim(), 'base64'), format: 'der', type: 'spki' }),
  );
}

/**
 * @param text - PEM (PKCS 8)
 * @param subject - origin of the key, for messages
 * @throws StoreError `STORE_KEY_INVALID`, without the text
 */
export function parseSigningKey(text: string, subject: string): KeyObject {
  return parseKey(subject, 'a private Ed25519 key as PEM (PKCS 8)', () => createPrivateKey(text));
}

function parseKey(subject: string, expected: string, parse: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch {
    // The reason of OpenSSL may quote the text.
    throw invalid(subject, `not ${expected}`);
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw invalid(subject, `a key of type ${key.asymmetricKeyType ?? 'none'}, expected ${expected}`);
}

function derOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' });
}

function invalid(subject: string, message: string): StoreError {
  return new StoreError('STORE_KEY_INVALID', subject, `${message}\n  Make a pair: pinpack-store keygen`);
}
