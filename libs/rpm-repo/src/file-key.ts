/** A key of a file: it is unlocked and used in the memory of this process alone, so a killed run leaves neither a file nor an agent. */
import { readFile } from 'node:fs/promises';
import { isMissing } from '@pinpack/common/missing-file';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { signingKey, type SecretKey } from './gpg-keys.js';
import { readCertificates, type Certificate, type CertifiedKey } from './openpgp/certificate.js';
import { formatCleartext } from './openpgp/cleartext.js';
import { armor, dearmor } from './openpgp/packets.js';
import { makeSignature, TYPE, type SigningKey } from './openpgp/signature.js';
import { unlock } from './openpgp/unlock.js';
import { RepoError } from './repo-error.js';
import type { KeySource, Signer } from './signing-key.js';

/** @throws RepoError `REPO_KEY_UNUSABLE` */
export async function openKeyFile({ key, keyFile, passphraseFile }: KeySource & { keyFile: string }): Promise<Signer> {
  const certificate = chooseCertificate(await readSecretKeys(keyFile), { key, keyFile });
  const { fingerprint, created } = signingKey(certificate.keys.map(secretKeyOf), key ?? keyFile);
  const chosen = certificate.keys.find((each) => each.key.fingerprint === fingerprint);
  if (chosen === undefined) throw unusable(keyFile, ['has no key that signs']);
  const privateKey = unlock(
    chosen.key,
    passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile),
  );
  if ('locked' in privateKey) {
    throw unusable(keyFile, [
      `${fingerprint} cannot be unlocked: ${privateKey.locked}`,
      passphraseFile === undefined
        ? 'Set PINPACK_SIGN_PASSPHRASE_FILE to a file whose first line is the passphrase'
        : `The passphrase is the first line of ${passphraseFile}`,
    ]);
  }
  return signerOf(certificate, { key: chosen.key, privateKey }, created);
}

function signerOf({ publicPackets }: Certificate, signing: SigningKey, created: number): Signer {
  // rpm refuses a signature that is older than its key.
  const timeOf = (time = DEFAULT_MTIME) => Math.max(time, created);
  const make = (data: Uint8Array, time?: number) =>
    makeSignature(signing, data, { type: TYPE.binary, time: timeOf(time) });
  return {
    fingerprint: signing.key.fingerprint,
    publicKey: armor('PUBLIC KEY BLOCK', publicPackets),
    sign: (data) => Promise.resolve(make(data)),
    signArmored: (data, time) => Promise.resolve(armor('SIGNATURE', make(data, time))),
    signText: (text, time) =>
      Promise.resolve(
        formatCleartext(text, (data) => makeSignature(signing, data, { type: TYPE.text, time: timeOf(time) })),
      ),
  };
}

async function readSecretKeys(keyFile: string): Promise<Certificate[]> {
  const bytes = await readFile(keyFile).catch((error: unknown) => {
    throw unusable(keyFile, [
      isMissing(error)
        ? 'the key file does not exist'
        : `the key file cannot be read (${error instanceof Error ? error.message : String(error)})`,
      'Set PINPACK_SIGN_KEY_FILE to a file with a secret key, as gpg --armor --export-secret-keys writes it',
    ]);
  });
  try {
    // The first byte of a packet has its highest bit set, and that of armor has not.
    const isBinary = ((bytes[0] ?? 0) & 0x80) !== 0;
    return readCertificates(isBinary ? bytes : dearmor('PRIVATE KEY BLOCK', bytes.toString()));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw unusable(keyFile, [error.message, EXPECTED]);
  } finally {
    bytes.fill(0);
  }
}

const EXPECTED = 'Expected: what gpg --armor --export-secret-keys wrote, of an RSA or Ed25519 key';

function chooseCertificate(
  all: readonly Certificate[],
  { key, keyFile }: { key: string | undefined; keyFile: string },
): Certificate {
  const fitting = key === undefined ? all : all.filter((each) => isNamed(each, key));
  const [only] = fitting;
  if (only === undefined) {
    const found = all.map(({ primary }) => primary.fingerprint).join(', ') || 'no key of version 4';
    throw unusable(key ?? keyFile, [`no such secret key in ${keyFile}`, `found ${found}`, EXPECTED]);
  }
  if (fitting.length === 1) return only;
  // Names them in its message.
  signingKey(
    fitting.flatMap(({ keys }) => keys.map(secretKeyOf)),
    key ?? keyFile,
  );
  return only;
}

/** By a fingerprint, the end of one, or a part of a user ID, as gpg takes them. */
function isNamed({ keys, userIds }: Certificate, name: string): boolean {
  const digits = name.replaceAll(/\s/g, '').replace(/^0x/i, '').replace(/!$/, '').toUpperCase();
  if (/^[0-9A-F]{8,40}$/.test(digits)) return keys.some(({ key }) => key.fingerprint.endsWith(digits));
  return userIds.some((userId) => userId.toLowerCase().includes(name.toLowerCase()));
}

function secretKeyOf({ key, isPrimary, canSign, isRevoked, expires, isThere }: CertifiedKey): SecretKey {
  const isExpired = expires !== undefined && expires * 1000 <= Date.now();
  const validity = isRevoked ? 'r' : isExpired ? 'e' : 'u';
  return { fingerprint: key.fingerprint, created: key.created, isPrimary, validity, canSign, isThere };
}

async function readPassphrase(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unusable(file, [
      error instanceof Error ? error.message : String(error),
      'Expected a file whose first line is the passphrase',
    ]);
  });
  const end = bytes.indexOf('\n');
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function unusable(subject: string, lines: readonly string[]): RepoError {
  return new RepoError('REPO_KEY_UNUSABLE', subject, lines);
}
