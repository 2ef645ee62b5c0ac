import { describe, expect, it } from 'vitest';
import { describeWith } from '@pinpack/testing';
import { readFileSync } from 'node:fs';
import { digest } from '@pinpack/common/digest';
import { checkSignatures } from './check-signatures.js';
import { makeKey, type KeyKind } from './gpg.fixture.js';
import { dearmor } from './packets.js';
import { readPublicKeys } from './public-key.js';
import { readRpm } from './read.js';
import { minimalSpec, sampleRpm } from './samples.fixture.js';
import { signRpm } from './sign.js';

describeWith(['gpg', 'gpgconf'], 'checkSignatures', () => {
  describe.each<KeyKind>(['rsa3072', 'ed25519'])('%s', (kind) => {
    it('accepts the signature of that header only', async () => {
      const key = makeKey(kind);
      const keys = readPublicKeys(readFileSync(key.publicKey), 'public.asc');
      const rpm = Buffer.concat((await signRpm(await sampleRpm(minimalSpec()), key.sign)).chunks);
      const [found] = checkSignatures(rpm, keys);
      expect(found).toMatchObject({ status: 'good', hash: 'sha256', created: 1704153600 });
      expect(found?.key?.fingerprint).toBe(
        /^fpr:+([0-9A-F]+):/m
          .exec(Buffer.from(key.gpg(['--with-colons', '--list-keys'])).toString())?.[1]
          ?.toLowerCase(),
      );
      // The same packet beside another header, whose own digests are right.
      const other = Buffer.from(await sampleRpm(minimalSpec({ summary: 'Another' })));
      const packet = readRpm(rpm).signature[kind === 'ed25519' ? 'DSAHEADER' : 'RSAHEADER'] ?? new Uint8Array();
      const moved = Buffer.concat((await signRpm(other, () => Promise.resolve(packet))).chunks);
      expect(checkSignatures(moved, keys)).toMatchObject([{ status: 'bad' }]);
      expect(checkSignatures(moved, [])).toMatchObject([{ status: 'no key', issuer: found?.key?.fingerprint }]);
    });
  });

  it('reads keys armored or not, and refuses what has none', () => {
    const { publicKey } = makeKey('ed25519');
    const armored = readFileSync(publicKey);
    const fingerprints = (bytes: Uint8Array) => readPublicKeys(bytes, 'key').map(({ fingerprint }) => fingerprint);
    expect(fingerprints(dearmor(armored))).toEqual(fingerprints(armored));
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('hello'),
      digest('sha256', armored),
      dearmor(armored).subarray(0, 20),
    ]) {
      expect(() => readPublicKeys(bytes, 'key')).toThrow('found no OpenPGP public key');
    }
  });
});
