import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RpmError } from './errors.js';
import { makeKey, type KeyKind } from './gpg.fixture.js';
import { attemptSync, describeWith, run, temporaryFolder } from '@pinpack/testing';
import { readRpm } from './read.js';
import { buildReference } from './reference.fixture.js';
import { minimalSpec, NONE, sampleEntries, sampleRpm, textFile } from './samples.fixture.js';
import { signRpm, type Signer } from './sign.js';

const PLACES = { rsa3072: 'RSAHEADER', ed25519: 'DSAHEADER' } as const;
const spec = minimalSpec({ epoch: 1 });

async function signed(rpm: Uint8Array, sign: Signer): Promise<Buffer> {
  return Buffer.concat((await signRpm(rpm, sign, 'tiny.rpm')).chunks);
}

describeWith(['gpg', 'gpgconf', 'rpm', 'rpmkeys', 'rpmsign', 'rpmbuild'], 'a signed RPM', () => {
  describe.each<KeyKind>(['rsa3072', 'ed25519'])('%s', (kind) => {
    const key = makeKey(kind);
    const at = temporaryFolder();
    const database = join(at, 'database');
    run('rpmkeys', ['--dbpath', database, '--import', key.publicKey]);
    const path = join(at, 'tiny.rpm');
    const check = (rpm: Uint8Array) => {
      writeFileSync(path, rpm);
      return attemptSync('rpm', ['--dbpath', database, '-Kv', path]);
    };
    /** rpmsign on Debian looks for gpg elsewhere. */
    const rpmsign = (...args: string[]) => {
      const defines = ['__gpg /usr/bin/gpg', `_gpg_path ${key.home}`, `_gpg_name ${key.address}`];
      run('rpmsign', [...defines.flatMap((define) => ['--define', define]), ...args, path]);
      return readFileSync(path);
    };

    it('is verified by rpm with the key, and has the size of the unsigned one', async () => {
      const rpm = await sampleRpm(spec);
      const result = await signRpm(rpm, key.sign);
      const bytes = Buffer.concat(result.chunks);
      const { exitCode, output } = check(bytes);
      expect(output).toMatch(/Header V4 (RSA|EdDSA)\/SHA256 Signature, key ID [0-9a-f]+: OK/);
      expect(output).not.toMatch(/NOKEY|NOT OK|BAD/);
      expect(exitCode).toBe(0);
      expect(attemptSync('rpm', ['--dbpath', database, '-K', path]).output).toContain('digests signatures OK');
      expect(result.size).toBe(rpm.length);
      expect(bytes).toHaveLength(rpm.length);
      expect(bytes.subarray(readRpm(bytes).headerOffset).equals(rpm.subarray(readRpm(rpm).headerOffset))).toBe(true);
      expect(run('rpm', ['--dbpath', database, '-qp', '--queryformat', '%{nevra}', path])).toBe('tiny-1:1.2-3.noarch');
    });

    it('is not verified without the key', async () => {
      writeFileSync(path, await signed(await sampleRpm(spec), key.sign));
      const { exitCode, output } = attemptSync('rpm', ['--dbpath', join(at, 'empty'), '-K', path]);
      expect(output).toContain('digests SIGNATURES NOT OK');
      expect(exitCode).not.toBe(0);
    });

    it.each(['header', 'payload', 'signature'])('is refused with a flipped bit in its %s', async (part) => {
      const rpm = await signed(await sampleRpm(spec, sampleEntries(), NONE), key.sign);
      const { headerOffset, payloadOffset, signature } = readRpm(rpm);
      const packet = Buffer.from(signature[PLACES[kind]] ?? []);
      const offset = {
        header: Math.floor((headerOffset + payloadOffset) / 2),
        payload: Math.floor((payloadOffset + rpm.length) / 2),
        signature: rpm.indexOf(packet) + packet.length - 1,
      }[part as 'header' | 'payload' | 'signature'];
      rpm.writeUInt8(rpm.readUInt8(offset) ^ 1, offset);
      const { exitCode, output } = check(rpm);
      expect(output).toMatch(/NOT OK|BAD/);
      expect(exitCode).not.toBe(0);
    });

    it('is what rpmsign makes of the same signature', async () => {
      const rpm = await sampleRpm(spec);
      writeFileSync(path, rpm);
      const theirs = rpmsign('--addsign');
      const packet = readRpm(theirs).signature[PLACES[kind]] ?? expect.fail('rpmsign put it elsewhere');
      const ours = await signed(rpm, () => Promise.resolve(packet));
      expect(ours.subarray(96).equals(theirs.subarray(96))).toBe(true);
      expect(signatureOf(await signed(rpm, key.sign))).toEqual(signatureOf(theirs));
    });

    it('gets a new signature in place of the old, without a trace of it', async () => {
      const rpm = await sampleRpm(spec);
      const once = await signed(rpm, key.sign);
      expect((await signed(once, key.sign)).equals(once)).toBe(true);
      const other = makeKey(kind === 'rsa3072' ? 'ed25519' : 'rsa3072');
      const foreign = await signed(rpm, other.sign);
      expect(foreign).toHaveLength(rpm.length);
      expect(check(foreign).output).toContain('NOKEY');
      expect((await signed(foreign, key.sign)).equals(once)).toBe(true);
    });

    it('loses its signature by rpmsign, and can be signed again', async () => {
      const rpm = await sampleRpm(spec);
      check(await signed(rpm, key.sign));
      const bare = rpmsign('--delsign');
      expect(check(bare).output).not.toContain('Signature');
      expect(signatureOf(bare)).toEqual(signatureOf(rpm));
      expect(check(await signed(bare, key.sign)).exitCode).toBe(0);
    });

    it('may come from rpmbuild', async () => {
      const reference = readFileSync(await buildReference(join(at, 'reference'), spec, sampleEntries(), 'w3.zstdio'));
      const bytes = await signed(reference, key.sign);
      expect(bytes).toHaveLength(reference.length);
      expect(check(bytes)).toMatchObject({ exitCode: 0 });
    });

    it('has a gpg signature of the header alone', async () => {
      const rpm = await signed(await sampleRpm(spec), key.sign);
      const { headerOffset, payloadOffset, signature } = readRpm(rpm);
      const detached = join(at, 'header.sig');
      writeFileSync(detached, signature[PLACES[kind]] ?? '');
      key.gpg(['--verify', detached, '-'], rpm.subarray(headerOffset, payloadOffset));
      expect(() => key.gpg(['--verify', detached, '-'], rpm.subarray(headerOffset))).toThrow('BAD signature');
    });
  });
});

it('grows if the reserved space is too small', async () => {
  const rpm = await sampleRpm(spec);
  const large = Buffer.alloc(6000);
  large.set([0x89, (6000 - 3) >> 8, (6000 - 3) & 255, 4, 0, 1, 8]);
  const result = await signed(rpm, () => Promise.resolve(large));
  expect(readRpm(result).signature.RSAHEADER).toHaveLength(6000);
  expect(readRpm(result).headerOffset % 8).toBe(0);
});

describe('signRpm refuses', () => {
  it('to sign a damaged payload, before it asks for a signature', async () => {
    const rpm = await sampleRpm(spec, [textFile('/usr/share/x', 'x')]);
    rpm.writeUInt8(rpm.readUInt8(rpm.length - 1) ^ 1, rpm.length - 1);
    await expect(signRpm(rpm, () => expect.fail('was asked'), 'tiny.rpm')).rejects.toThrow(
      /^tiny\.rpm: the payload's sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}\. Build or fetch it again\.$/,
    );
  });

  it.each([
    ['nothing', '', 'begins with nothing, expected a signature packet that is not armored'],
    ['armor', '2d2d2d2d2d424547494e', 'begins with 2d 2d 2d 2d'],
    ['a key', '9904040401', 'begins with 99 04 04 04'],
    ['a packet that was cut', '890010040001', 'found 6 bytes, expected those of exactly one packet'],
    ['two packets', '88040400010888040400010888', 'expected those of exactly one packet'],
    ['a packet without an end', '8b04000108', 'expected those of exactly one packet'],
    ['version 6', 'c20406000108', 'version is 6, expected 4'],
    ['text', 'c20404010108', 'type is 1, expected 0'],
    ['ECDSA', 'c20404001308', 'public-key algorithm is 19'],
    ['the later Ed25519', 'c20404001b08', 'public-key algorithm is 27'],
    ['SHA-1', 'c20404000102', 'hash algorithm is 2'],
    ['an empty packet', 'c200', 'version is -1'],
  ])('%s for a signature', async (_title, hex, message) => {
    const rpm = await sampleRpm(spec, [textFile('/usr/share/x', 'x')]);
    const failure = await signRpm(rpm, () => Promise.resolve(Buffer.from(hex, 'hex')), 'tiny.rpm').catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(RpmError);
    expect(failure).toMatchObject({ code: 'RPM_SIGNATURE_INVALID', subject: 'tiny.rpm' });
    expect((failure as RpmError).message).toContain(message);
  });
});

/** The tags of the signature header, without the signatures and the reserved space. */
function signatureOf(rpm: Uint8Array) {
  const { DSAHEADER, RSAHEADER, RESERVEDSPACE, ...rest } = readRpm(rpm).signature;
  return { ...rest, has: [DSAHEADER, RSAHEADER, RESERVEDSPACE].map((value) => value !== undefined) };
}
