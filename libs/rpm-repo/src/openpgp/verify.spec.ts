/** Damaged and hostile keys, signatures and texts: never an exception, and never a valid signature. */
import { readFileSync } from 'node:fs';
import { describeWith, fuzzParameters, temporaryFolder } from '@pinpack/testing';
import { beforeAll, expect, it } from 'vitest';
import fc from 'fast-check';
import { writeKey } from '../samples.fixture.js';
import { withSigner } from '../signer.js';
import { armor, dearmor } from './packets.js';
import { readCertificates } from './certificate.js';
import { unlock } from './unlock.js';
import { parseCertificateFingerprints, verifyDetached, verifyText } from './verify.js';

const DATA = Buffer.from('data');
const PARAMETERS = fuzzParameters(process.env.PINPACK_NIGHTLY === '1' ? 20_000 : 500);

/** Another value for a byte, a cut or an insertion. */
const MUTATION = fc.record({ at: fc.nat(), value: fc.nat(255), kind: fc.constantFrom('set', 'cut', 'insert') });
interface Mutation {
  at: number;
  value: number;
  kind: string;
}

function mutate(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce((changed, { at, value, kind }) => {
    const offset = at % Math.max(1, changed.length);
    const [before, after] = [changed.subarray(0, offset), changed.subarray(offset)];
    if (kind === 'cut') return before;
    return Buffer.concat([before, Buffer.from([value]), kind === 'set' ? after.subarray(1) : after]);
  }, bytes);
}

const MUTATIONS = fc.array(MUTATION, { minLength: 1, maxLength: 3 });

describeWith({ programs: ['gpg', 'gpgconf'] }, 'a signature', () => {
  const made: { publicKey: string; secret: Buffer; armored: string; document: string }[] = [];
  beforeAll(async () => {
    for (const kind of ['ed25519', 'rsa2048']) {
      const keyFile = await writeKey(temporaryFolder(), kind, '');
      const secret = dearmor('PRIVATE KEY BLOCK', readFileSync(keyFile, 'utf8'));
      await withSigner({ keyFile }, async ({ publicKey, signArmored, signText }) => {
        made.push({
          publicKey,
          secret,
          armored: await signArmored(DATA),
          document: await signText('text\n', 1_750_000_000),
        });
      });
    }
  });

  it.each([0, 1])('that was changed, or whose key was, is not valid, and nothing is thrown (key %i)', (index) => {
    const { publicKey = '', armored = '' } = made[index] ?? {};
    const key = dearmor('PUBLIC KEY BLOCK', publicKey);
    const signature = dearmor('SIGNATURE', armored);
    const known = parseCertificateFingerprints(publicKey);
    fc.assert(
      fc.property(MUTATIONS, (mutations) => {
        // The unsigned part of a signature may change: the key is found by its ID then, or not at all.
        const changed = mutate(signature, mutations);
        const verified = verifyDetached(publicKey, DATA, changed);
        expect(verified.fingerprint === undefined || known.includes(verified.fingerprint)).toBe(true);
        const other = armor('PUBLIC KEY BLOCK', mutate(key, mutations));
        const { fingerprint, problem } = verifyDetached(other, DATA, signature);
        expect(problem !== undefined || known.includes(fingerprint ?? '')).toBe(true);
        const data = mutate(DATA, mutations);
        // Mutations may set a byte to its own value.
        expect(verifyDetached(publicKey, data, signature).problem === undefined).toBe(data.equals(DATA));
      }),
      PARAMETERS,
    );
  });

  it.each([0, 1])('of a text that was changed is not valid, and nothing is thrown (key %i)', (index) => {
    const { publicKey = '', document = '' } = made[index] ?? {};
    fc.assert(
      fc.property(MUTATIONS, (mutations) => {
        const { text } = verifyText(publicKey, mutate(Buffer.from(document), mutations).toString('latin1'));
        expect(text === undefined || text.replaceAll(/[ \t]+$/gm, '') === 'text\n').toBe(true);
      }),
      PARAMETERS,
    );
  });

  it.each([0, 1])('by a damaged secret key is not made (key %i)', (index) => {
    const { secret = Buffer.of() } = made[index] ?? {};
    fc.assert(
      fc.property(MUTATIONS, (mutations) => {
        try {
          for (const { keys } of readCertificates(mutate(secret, mutations)))
            for (const { key } of keys) unlock(key, undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      PARAMETERS,
    );
  });
});
