import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { EntryFacts } from './record.js';
import {
  formatPublicKey,
  generateSigningKeys,
  isSignedBy,
  parsePublicKey,
  parseSigningKey,
  signedBytes,
  signFacts,
} from './signature.js';
import { readTrust } from './trust.js';

const facts: EntryFacts = {
  kind: 'rpm',
  key: '12',
  namespace: 'main',
  sha256: 'ab'.repeat(32),
  size: 42,
  fileName: 'a.rpm',
  attachments: { b: 'ü', a: 'x\ny' },
  created: '2026-01-01T00:00:00.000Z',
};
const keys = generateSigningKeys();
const publicKey = parsePublicKey(keys.publicKey, 'test');
const signingKey = parseSigningKey(keys.privateKey, 'test');

describe('signedBytes', () => {
  it('are as documented', () => {
    expect(Buffer.from(signedBytes(facts)).toString()).toBe(
      `pinpack store entry 1\nkind 3\nrpm\nkey 2\n12\nnamespace 4\nmain\nsha256 64\n${facts.sha256}\nsize 2\n42\n` +
        'fileName 5\na.rpm\nattachment 1\na\ntext 3\nx\ny\nattachment 1\nb\ntext 2\nü\n',
    );
  });

  it('differ when any fact does, however the texts are cut', () => {
    const others: Partial<EntryFacts>[] = [
      { kind: 'nx' },
      { key: '13' },
      { namespace: 'branch/a' },
      { sha256: 'cd'.repeat(32) },
      { size: 43 },
      { fileName: 'b.rpm' },
      { attachments: {} },
      { attachments: { b: 'ü' } },
      { attachments: { a: 'x\ny', b: 'u' } },
      { attachments: { a: 'x\ny\nattachment 1\nb\ntext 2\nü' } },
    ];
    const texts = [facts, ...others.map((other) => ({ ...facts, ...other }))].map((each) =>
      Buffer.from(signedBytes(each)).toString('hex'),
    );
    expect(new Set(texts).size).toBe(texts.length);
    expect(signedBytes({ ...facts, created: '', attachments: { a: 'x\ny', b: 'ü' } })).toEqual(signedBytes(facts));
  });
});

describe('a signature', () => {
  it('is of who made it, for what it is over', () => {
    const record = { ...facts, signature: signFacts(facts, signingKey) };
    const other = parsePublicKey(generateSigningKeys().publicKey, 'test');
    expect(record.signature.keyId).toBe(keys.keyId);
    expect(isSignedBy(record, [other, publicKey])).toBe(true);
    expect(isSignedBy(record, [other])).toBe(false);
    expect(isSignedBy(record, [])).toBe(false);
    expect(isSignedBy({ ...record, size: 43 }, [publicKey])).toBe(false);
    expect(isSignedBy(facts, [publicKey])).toBe(false);
    const flipped = record.signature.value.startsWith('A') ? 'B' : 'A';
    const signature = { ...record.signature, value: flipped + record.signature.value.slice(1) };
    expect(isSignedBy({ ...record, signature }, [publicKey])).toBe(false);
  });

  it('is what OpenSSL verifies', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-signature-'));
    const paths = { key: join(folder, 'key.pem'), bytes: join(folder, 'bytes'), signature: join(folder, 'signature') };
    await writeFile(paths.key, publicKey.export({ format: 'pem', type: 'spki' }));
    await writeFile(paths.bytes, signedBytes(facts));
    await writeFile(paths.signature, Buffer.from(signFacts(facts, signingKey).value, 'base64'));
    const order = ['pkeyutl', '-verify', '-pubin', '-rawin', '-inkey', paths.key, '-in', paths.bytes];
    const { stdout } = await execa('openssl', [...order, '-sigfile', paths.signature]);
    expect(stdout).toContain('Verified Successfully');
  });
});

describe('keys', () => {
  it('are read as PEM and in one line', () => {
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    expect(formatPublicKey(parsePublicKey(pem, 'test'))).toBe(keys.publicKey);
    expect(keys.publicKey).not.toContain('\n');
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  it.each([
    ['', 'not a public Ed25519 key'],
    ['hunter2', 'not a public Ed25519 key'],
    [keys.privateKey, 'a private key, expected a public one'],
    [rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(), 'a key of type rsa, expected a public Ed25519'],
  ])('public, wrong: case %#', (text, message) => {
    expect(() => parsePublicKey(text, 'publicKeys[0]')).toThrow(message);
    expect(() => parsePublicKey(text, 'publicKeys[0]')).toThrow(/^publicKeys\[0\]: [^]*pinpack-store keygen$/);
  });

  it.each([
    ['hunter2', 'not a private Ed25519 key'],
    ['-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n', 'not a private Ed25519 key'],
    [rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 'a key of type rsa'],
  ])('private, wrong: case %#, and nothing of it is shown', (text, message) => {
    expect(() => parseSigningKey(text, 'KEY')).toThrow(message);
    expect(() => parseSigningKey(text, 'KEY')).not.toThrow('hunter2');
  });

  it('come from options, files and the environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-trust-'));
    const [other, third] = [generateSigningKeys(), generateSigningKeys()];
    await writeFile(join(folder, 'a'), other.publicKey);
    await writeFile(join(folder, 'b'), third.publicKey);
    await writeFile(join(folder, 'key'), third.privateKey);
    const environment = { PINPACK_STORE_PUBLIC_KEYS: `${folder}/a:${folder}/b` };
    const trust = await readTrust([keys.publicKey], {
      ...environment,
      PINPACK_STORE_SIGNING_KEY_FILE: `${folder}/key`,
    });
    expect(trust.publicKeys.map(formatPublicKey)).toEqual([keys.publicKey, other.publicKey, third.publicKey]);
    expect(trust.signingKey && signFacts(facts, trust.signingKey).keyId).toBe(third.keyId);
    const missing = readTrust([], { PINPACK_STORE_PUBLIC_KEYS: `${folder}/none` });
    await expect(missing).rejects.toMatchObject({ code: 'STORE_KEY_INVALID', subject: `${folder}/none` });
  });
});
