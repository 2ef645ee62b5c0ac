/** Signing by keys of files and of gpg: the same bytes as gpg's, which rpm and gpg verify, and nothing left behind by a killed run. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { execa } from 'execa';
import { parseSecretKeys, signingKey } from './gpg-keys.js';
import { attempt, describeWith, temporaryFolder } from '@pinpack/testing';
import { verifyDetached, verifyText } from './openpgp/verify.js';
import { GpgHome, signSample, writeKey, writeSample } from './samples.fixture.js';
import { withSigner } from './signer.js';

const at = temporaryFolder();
const DATA = Buffer.from('data');
const TIME = 1_750_000_000;

/** Apart from those of other specs. */
vi.stubEnv('TMPDIR', at);

describeWith({ programs: ['gpg', 'gpgconf', 'rpm', 'rpmkeys'] }, 'a key of a file', () => {
  describe.each(['rsa3072', 'ed25519'])('%s', (kind) => {
    let keyFile: string;
    beforeAll(async () => {
      keyFile = await writeKey(at, kind, '');
    });

    it('makes the signatures that gpg makes, binary and armored, and the public key that gpg exports', async () => {
      const home = await GpgHome.make(at, keyFile);
      const { fingerprint, publicKey, binary, armored } = await withSigner({ keyFile }, async (signer) => ({
        ...signer,
        binary: Buffer.from(await signer.sign(DATA)),
        armored: await signer.signArmored(DATA, TIME),
      }));
      const sign = (time: number, ...words: string[]) =>
        home.gpg(['--faked-system-time', `${time}!`, '--digest-algo', 'SHA256', ...words, '--detach-sign'], DATA);
      // The key is younger than the default time.
      expect(binary.toString('hex')).toBe((await sign(1_704_067_200)).toString('hex'));
      expect(armored).toBe((await sign(TIME, '--armor')).toString());
      expect(publicKey).toBe(
        (await home.gpg(['--armor', '--export-options', 'export-minimal', '--export'])).toString(),
      );
      expect((await home.gpg(['--with-colons', '--list-keys'])).toString()).toContain(`fpr:::::::::${fingerprint}:`);
      await home.end();
    });

    it('signs texts that gpg verifies, and verifies those of gpg', async () => {
      const home = await GpgHome.make(at, keyFile);
      const text = '{\n  "a": 1,\n- dashed\n}\n';
      const { document, publicKey } = await withSigner({ keyFile }, async (signer) => ({
        ...signer,
        document: await signer.signText(text, TIME),
      }));
      const file = join(at, `${kind}.text.asc`);
      writeFileSync(file, document);
      expect((await home.gpg(['--output', '-', '--verify', file])).toString()).toBe(text);
      const theirs = (await home.gpg(['--clear-sign', '--digest-algo', 'SHA256'], Buffer.from(text))).toString();
      expect(verifyText(publicKey, theirs)).toMatchObject({ text, problem: undefined });
      expect(verifyText(publicKey, document)).toMatchObject({ text, problem: undefined });
      expect(verifyText(publicKey, document.replace('1', '2')).text).toBeUndefined();
      expect(verifyText(publicKey, `before\n${document}`).text).toBeUndefined();
      await home.end();
    });

    it('signs the same each time, and leaves no file', async () => {
      const before = readdirSync(at);
      const once = () => withSigner({ keyFile }, ({ sign }) => sign(DATA));
      expect(Buffer.from(await once()).equals(await once())).toBe(true);
      expect(readdirSync(at)).toEqual(before);
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

  it.each(['1024', '65536', '1015808'])(
    'with a passphrase that is iterated %s times signs when a file has it',
    async (count) => {
      const keyFile = await writeKey(at, 'ed25519', 'correct horse', { exporting: ['--s2k-count', count] });
      const passphraseFile = join(at, 'passphrase');
      const signing = () => withSigner({ keyFile, passphraseFile }, ({ sign }) => sign(DATA));
      writeFileSync(passphraseFile, 'correct horse\n');
      expect((await signing()).length).toBeGreaterThan(64);
      writeFileSync(passphraseFile, 'battery staple\n');
      const failure = await signing().catch(String);
      expect(failure).toContain('cannot be unlocked: the passphrase is wrong');
      expect(failure).not.toContain('battery');
      await expect(withSigner({ keyFile }, ({ sign }) => sign(DATA))).rejects.toMatchObject({
        code: 'REPO_KEY_UNUSABLE',
        message: expect.stringContaining('it needs a passphrase') as string,
      });
    },
  );

  it('is chosen by fingerprint or user ID, and signs by a subkey if the primary only certifies', async () => {
    const home = await GpgHome.make(at);
    const [certify, sign] = [
      ['ed25519', 'cert', 'never'],
      ['rsa2048', 'sign', 'never'],
    ];
    await home.gpg(['--quick-generate-key', 'First <first@example.com>', ...certify]);
    const primary = await home.fingerprints();
    await home.gpg(['--quick-add-key', primary[0] ?? '', ...sign]);
    await home.gpg(['--quick-generate-key', 'Second <second@example.com>', ...sign]);
    const [, subkey = '', second = ''] = await home.fingerprints();
    const keyFile = await home.exportSecret();
    const used = (key: string | undefined) =>
      withSigner({ keyFile, key }, ({ fingerprint }) => Promise.resolve(fingerprint));
    expect(await used('first@example.com')).toBe(subkey);
    expect(await used(second.slice(-16))).toBe(second);
    await expect(used(undefined)).rejects.toThrow('matches several keys');
    await expect(used('third@example.com')).rejects.toThrow('no such secret key');
    const { publicKey, armored } = await withSigner({ keyFile, key: subkey }, async (signer) => ({
      ...signer,
      armored: await signer.signArmored(DATA),
    }));
    expect(verifyDetached(publicKey, DATA, armored)).toEqual({ fingerprint: subkey, problem: undefined });
    expect(verifyDetached(publicKey, Buffer.from('other'), armored).problem).toMatch(/not a signature of these data/);
    await home.end();
  });

  it('that has expired or was revoked is refused', async () => {
    const expired = await writeKey(at, 'ed25519', '', { expires: '20240201T000000' });
    await expect(withSigner({ keyFile: expired }, () => Promise.resolve())).rejects.toMatchObject({
      code: 'REPO_KEY_UNUSABLE',
      message: expect.stringMatching(/has no key that signs\n {2}[0-9A-F]{40} has expired$/) as string,
    });
    const home = await GpgHome.make(at);
    await home.gpg(['--quick-generate-key', 'Revoked <revoked@example.com>', 'ed25519', 'sign', 'never']);
    const [fingerprint = ''] = await home.fingerprints();
    const certificate = readFileSync(join(home.path, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8');
    await home.gpg(['--import'], Buffer.from(certificate.replace(':-----BEGIN', '-----BEGIN')));
    const keyFile = await home.exportSecret();
    await expect(withSigner({ keyFile }, () => Promise.resolve())).rejects.toThrow('was revoked');
    await home.end();
  });

  it.each([
    ['that is none', 'a page', /found no armored OpenPGP data/],
    ['that is not there', undefined, /the key file does not exist/],
    [
      'that is damaged',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgE\n=AAAA\n-----END PGP PRIVATE KEY BLOCK-----\n',
      /damaged/,
    ],
    [
      'that is cut off',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgE\n-----END PGP PRIVATE KEY BLOCK-----\n',
      /cut off/,
    ],
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

  it.each(['opened', 'signed', 'signed again'])(
    'leaves no key, agent or folder if the run is killed when it has %s',
    async (moment) => {
      const keyFile = await writeKey(at, 'ed25519', 'correct horse');
      const passphraseFile = join(at, 'kill-passphrase');
      writeFileSync(passphraseFile, 'correct horse');
      const scratch = temporaryFolder();
      const script = `
      const { withSigner } = await import(${JSON.stringify(new URL('../dist/signer.js', import.meta.url).href)});
      await withSigner(${JSON.stringify({ keyFile, passphraseFile })}, async ({ sign }) => {
        console.log('opened');
        await sign(Buffer.from('x'));
        console.log('signed');
        await sign(Buffer.from('y'));
        console.log('signed again');
        await new Promise(() => setInterval(() => undefined, 1000));
      });`;
      const shared = readdirSync('/dev/shm');
      const env = { ...process.env, TMPDIR: scratch, HOME: scratch, GNUPGHOME: join(scratch, 'gnupg') };
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env });
      await new Promise<void>((resolve, reject) => {
        let output = '';
        child.stdout.on('data', (piece: Buffer) => {
          output += piece.toString();
          if (output.split('\n').includes(moment)) resolve();
        });
        child.once('exit', () => {
          reject(new Error('it ended early'));
        });
      });
      const { stdout: children } = await execa('ps', ['--ppid', String(child.pid), '-o', 'pid='], { reject: false });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      expect(children).toBe('');
      expect(readdirSync(scratch)).toEqual([]);
      expect(readdirSync('/dev/shm').filter((name) => !shared.includes(name) && /gpg|pinpack/.test(name))).toEqual([]);
    },
  );
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
