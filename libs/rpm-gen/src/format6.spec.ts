import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import { checkSignatures } from './check-signatures.js';
import { packPayload6 } from './format6.js';
import { readPublicKeys } from './public-key.js';
import { readPayload } from './read-payload.js';
import { readRpm } from './read.js';
import { encodeRpm } from './rpm.js';
import { folder, minimalSpec, textFile, writeRpm, ZSTD } from './samples.fixture.js';
import { signRpm } from './sign.js';
import { readTranslations } from './translations.js';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name));

const ENTRIES = [
  folder('/usr/t'),
  textFile('/usr/t/b', 'shared by two names'),
  { path: '/usr/t/a', kind: 'hardlink' as const, target: '/usr/t/b', mode: 0, size: 0 },
];

it('reads what rpm 6 wrote: files, hard links and translations', async () => {
  const rpm = fixture('format-6-ed25519.rpm');
  const { header } = readRpm(rpm);
  expect(header).toMatchObject({ RPMFORMAT: [6], SOURCENEVR: 'six-2:1.0-1', PAYLOADSIZEALT: [276] });
  const files = await readPayload(rpm);
  expect(files.map(({ path, data }) => [path, data?.toString()])).toEqual([
    ['/usr/lib/sysusers.d/six.conf', 'u six - "Six" /\n'],
    ['/usr/share/six', undefined],
    ['/usr/share/six/a', 'hello\n'],
    ['/usr/share/six/b', 'hello\n'],
    ['/usr/share/six/l', undefined],
    ['/usr/share/six/sub', undefined],
    ['/usr/share/six/sub/run', '#!/bin/sh\n'],
  ]);
  expect(readTranslations(rpm)).toEqual({
    de: { summary: 'Ein Paket', description: 'Beschrieben.' },
    fr: { summary: 'Un paquet' },
  });
});

it('reads the source packages of rpm 6', async () => {
  const files = await readPayload(fixture('format-6-rsa.src.rpm'));
  expect(files.map(({ path }) => path)).toEqual(['six.spec']);
});

it.each([
  [
    'format-6-ed25519.rpm',
    'ed25519.cert',
    'ed25519',
    'd3705cb8882155adfc39b6864facd01e92609777fba2ebe3c22f08b1cacccd6a',
  ],
  ['format-6-rsa.src.rpm', 'rsa.cert', 'rsa', '5aa2084b14823f2a07805857be56396e9adaef3c2e224e029ac030a5c8e0a309'],
])('verifies signature packets of version 6: %s', (name, keyName, algorithm, fingerprint) => {
  const keys = readPublicKeys(fixture(keyName), keyName);
  const rpm = fixture(name);
  expect(checkSignatures(rpm, keys)).toMatchObject([
    { status: 'good', algorithm, hash: 'sha512', key: { fingerprint, version: 6 } },
  ]);
  expect(checkSignatures(rpm, [])).toMatchObject([{ status: 'no key', issuer: fingerprint }]);
});

it('does not accept a signature of version 6 beside another header', async () => {
  const [packet = ''] = readRpm(fixture('format-6-ed25519.rpm')).signature.OPENPGP ?? [];
  const other = Buffer.concat(encodeRpm(minimalSpec(), await packPayload6(ENTRIES, ZSTD)).chunks);
  const signed = Buffer.concat((await signRpm(other, () => Promise.resolve(Buffer.from(packet, 'base64')))).chunks);
  expect(signed).toHaveLength(other.length);
  const keys = readPublicKeys(fixture('ed25519.cert'), 'ed25519.cert');
  expect(checkSignatures(signed, keys)).toMatchObject([{ status: 'bad' }]);
});

it('has the tags that rpm 6 writes, and none that it dropped', async () => {
  const rpm = Buffer.concat(
    encodeRpm(minimalSpec({ recommends: [{ name: '(a if b)' }] }), await packPayload6(ENTRIES, ZSTD)).chunks,
  );
  const reference = readRpm(fixture('format-6-ed25519.rpm'));
  const ours = readRpm(rpm);
  expect(Object.keys(ours.signature)).toEqual(Object.keys(reference.signature).filter((name) => name !== 'OPENPGP'));
  const specific = /^(EPOCH|POSTIN|CHANGELOG|FILECOLORS|FILEMIMEINDEX|MIMEDICT)/;
  expect(Object.keys(ours.header).filter((name) => !specific.test(name))).toEqual(
    Object.keys(reference.header).filter((name) => !specific.test(name)),
  );
  expect(ours.header.REQUIRENAME).toEqual(reference.header.REQUIRENAME?.filter((name) => name.startsWith('rpmlib')));
  expect(rpm.subarray(0, 10).equals(fixture('format-6-ed25519.rpm').subarray(0, 10))).toBe(true);
  expect((await readPayload(rpm)).map(({ data }) => data?.toString())).toEqual([
    undefined,
    'shared by two names',
    'shared by two names',
  ]);
});

describeWith(['rpm'], 'a package of format 6', () => {
  it('passes the checks that rpm 4 knows', async () => {
    const rpm = Buffer.concat(encodeRpm(minimalSpec(), await packPayload6(ENTRIES, ZSTD)).chunks);
    const path = writeRpm(temporaryFolder(), minimalSpec(), rpm);
    expect(run('rpm', ['-Kv', path])).toMatch(/Header SHA256 digest: OK\s+Payload SHA256 digest: OK/);
    expect(run('rpm', ['-qpl', path])).toBe('/usr/t\n/usr/t/a\n/usr/t/b\n');
  });
});

describeWith({ programs: ['rpm'], root: true }, 'a package of format 6', () => {
  it('is installed and verified by rpm 4.18, which has no name for its tags', async () => {
    const at = temporaryFolder();
    const rpm = Buffer.concat(encodeRpm(minimalSpec(), await packPayload6(ENTRIES, ZSTD)).chunks);
    const path = writeRpm(at, minimalSpec(), rpm);
    run('rpm', ['--root', at, '--initdb']);
    run('rpm', ['--root', at, '-i', '--nosignature', path]);
    expect(readFileSync(`${at}/usr/t/b`, 'utf8')).toBe('shared by two names');
    expect(run('rpm', ['--root', at, '-V', 'tiny'])).toBe('');
  });
});
