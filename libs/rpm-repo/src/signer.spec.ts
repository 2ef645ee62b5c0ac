import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseSecretKeys, signingKey } from './gpg-keys.js';
import { attempt, describeWith, temporaryFolder } from '@pinpack/testing';
import { signSample, writeKey, writeSample } from './samples.fixture.js';
import { withSigner } from './signer.js';

const at = temporaryFolder();
const DATA = Buffer.from('data');

/** Apart from those of other specs. */
vi.stubEnv('TMPDIR', at);

function homes(): string[] {
  return readdirSync(at).filter((name) => name.startsWith('pinpack-gpg-'));
}

describeWith({ programs: ['gpg', 'gpgconf', 'rpm', 'rpmkeys'] }, 'a key of a file', () => {
  describe.each(['rsa3072', 'ed25519'])('%s', (kind) => {
    let keyFile: string;
    beforeAll(async () => {
      keyFile = await writeKey(at, kind, '');
    });

    it('signs the same each time, and leaves no home', async () => {
      const before = homes();
      const once = () => withSigner({ keyFile }, ({ sign }) => sign(DATA));
      expect(Buffer.from(await once()).equals(await once())).toBe(true);
      expect(homes()).toEqual(before);
    });

    it('signs RPMs as rpm wants it', async () => {
      const path = await writeSample(at, { name: 'tiny', version: '1' });
      const key = join(at, `${kind}.public`);
      await withSigner({ keyFile }, async (signer) => {
        writeFileSync(key, signer.publicKey);
        await signSample(path, signer);
      });
      const database = ['--dbpath', join(at, `${kind}.database`)];
      await attempt('rpmkeys', [...database, '--import', key]);
      expect((await attempt('rpm', [...database, '-Kv', path])).output).toMatch(
        /V4 (RSA|EdDSA)\/SHA256 Signature.*: OK/,
      );
    });
  });

  it('with a passphrase signs when a file has it, and prints no secret if it is wrong', async () => {
    const keyFile = await writeKey(at, 'ed25519', 'correct horse');
    const passphraseFile = join(at, 'passphrase');
    const signing = () => withSigner({ keyFile, passphraseFile }, ({ sign }) => sign(DATA));
    writeFileSync(passphraseFile, 'correct horse\n');
    expect((await signing()).length).toBeGreaterThan(64);
    writeFileSync(passphraseFile, 'battery staple\n');
    const before = homes();
    const failure = await signing().catch(String);
    expect(failure).toContain('signing failed: Bad passphrase');
    expect(failure).not.toContain('battery');
    expect(homes()).toEqual(before);
    // gpg must not prompt.
    await expect(withSigner({ keyFile }, ({ sign }) => sign(DATA))).rejects.toMatchObject({
      code: 'REPO_PROGRAM_FAILED',
    });
  });

  it('that has expired is refused', async () => {
    const keyFile = await writeKey(at, 'ed25519', '', '20240201T000000');
    await expect(withSigner({ keyFile }, () => Promise.resolve())).rejects.toMatchObject({
      code: 'REPO_KEY_UNUSABLE',
      message: expect.stringMatching(/has no key that signs\n {2}[0-9A-F]{40} has expired$/) as string,
    });
  });

  it.each([
    ['that is none', 'a page', /no valid OpenPGP data/],
    ['that is not there', undefined, /No such file/],
  ])('%s is refused', async (_title, text, reason) => {
    const keyFile = join(at, text === undefined ? 'missing.asc' : 'page.asc');
    if (text !== undefined) writeFileSync(keyFile, text);
    await expect(withSigner({ keyFile }, () => Promise.resolve())).rejects.toMatchObject({
      code: 'REPO_KEY_UNUSABLE',
      message: expect.stringMatching(reason) as string,
    });
  });

  it('of the user that gpg does not have is refused', async () => {
    await expect(withSigner({ key: 'nobody@example.com' }, () => Promise.resolve())).rejects.toMatchObject({
      code: 'REPO_KEY_UNUSABLE',
      subject: 'nobody@example.com',
    });
  });
});

describe('the key that signs', () => {
  const listing = (...keys: string[]) =>
    keys.flatMap((line, index) => [line, `fpr:::::::::${String(index).repeat(4)}:`, 'grp:::::::::FFFF:']).join('\n');

  it.each([
    [
      'the primary',
      ['sec:u:255:22:A:1704067200:::u:::scESC:::+:::', 'ssb:u:255:22:B:1800000000::::::s:::+:::'],
      '0000',
    ],
    [
      'the newest subkey, where the primary only certifies',
      ['sec:u:255:22:A:1:::u:::cSC:::#:::', 'ssb:u:255:22:B:5::::::s:::+:::', 'ssb:u:255:22:C:9::::::s:::+:::'],
      '2222',
    ],
    [
      'not one that has expired or encrypts',
      [
        'sec:u:255:22:A:1:::u:::cSC:::#:::',
        'ssb:u:255:22:B:5::::::s:::+:::',
        'ssb:e:255:22:C:9::::::s:::+:::',
        'ssb:u:255:18:D:9::::::e:::+:::',
      ],
      '1111',
    ],
  ])('is %s', (_title, lines, fingerprint) => {
    expect(signingKey(parseSecretKeys(listing(...lines)), 'key').fingerprint).toBe(fingerprint);
  });

  it('is not chosen among several', () => {
    const keys = parseSecretKeys(listing('sec:u:255:22:A:1:::u:::scSC:::+:::', 'sec:u:255:22:B:1:::u:::scSC:::+:::'));
    expect(() => signingKey(keys, 'Sample')).toThrow(
      'Sample: matches several keys: 0000, 1111\n  Name one by its fingerprint.',
    );
  });
});
