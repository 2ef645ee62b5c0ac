import { expect, it } from 'vitest';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, run, runForBytes, temporaryFolder } from '@pinpack/testing';
import { OFFERED_COMPRESSIONS, parseCompression } from './compression.js';
import { decompress } from './decompress.js';
import { RpmError } from './errors.js';
import { packPayload } from './payload.js';
import { readPayload } from './read-payload.js';
import { readRpm } from './read.js';
import { encodeRpm } from './rpm.js';
import {
  COMPRESSIONS,
  folder,
  ghost,
  GZIP,
  minimalSpec,
  NONE,
  sampleEntries,
  sampleRpm,
  symlink,
  textFile,
  XZ,
  ZSTD,
} from './samples.fixture.js';

const LARGE = textFile('/usr/lib/tiny/large', 'some text '.repeat(100_000));

/** The archive as rpm2cpio decompresses it. */
function unpackByRpm(path: string): Buffer {
  return Buffer.from(runForBytes('rpm2cpio', [path]));
}

describeWith(['rpm2cpio', 'cpio'], 'the archive', () => {
  it.each(OFFERED_COMPRESSIONS)('is what rpm2cpio gives: %s', async (text) => {
    const rpm = await sampleRpm(minimalSpec(), [...sampleEntries(), LARGE], parseCompression(text));
    const path = join(temporaryFolder(), 'sample.rpm');
    writeFileSync(path, rpm);
    const { header, signature, payloadOffset } = readRpm(rpm);
    const size = signature.PAYLOADSIZE?.[0] ?? 0;
    const archive = await decompress(rpm.subarray(payloadOffset), header.PAYLOADCOMPRESSOR, size, 'sample.rpm');
    const expected = unpackByRpm(path);
    expect(archive.equals(expected)).toBe(true);
    const names = Buffer.from(runForBytes('cpio', ['-t', '--quiet'], expected))
      .toString()
      .trimEnd()
      .split('\n');
    expect((await readPayload(rpm)).map(({ path }) => `.${path}`)).toEqual(names);
  });
});

describeWith(['rpmbuild', 'rpm2cpio', 'cpio'], 'an RPM of rpmbuild', () => {
  it.each(['w19.zstdio', 'w6.xzdio', 'w9.gzdio', 'w.ufdio'])('has the files that cpio unpacks: %s', async (payload) => {
    const at = temporaryFolder();
    const spec = [
      'Name: theirs',
      'Version: 1',
      'Release: 1',
      'Summary: x',
      'License: MIT',
      'BuildArch: noarch',
      '%description',
      'x',
      '%install',
      'mkdir -p %{buildroot}/opt/theirs',
      'seq 1 20000 > %{buildroot}/opt/theirs/numbers',
      'ln -s numbers %{buildroot}/opt/theirs/link',
      'ln %{buildroot}/opt/theirs/numbers %{buildroot}/opt/theirs/again',
      '%files',
      '/opt/theirs',
    ];
    writeFileSync(join(at, 'theirs.spec'), spec.join('\n'));
    const options = ['--define', `_topdir ${at}`, '--define', `_binary_payload ${payload}`];
    run('rpmbuild', ['-bb', '--quiet', ...options, join(at, 'theirs.spec')]);
    const path = join(at, 'RPMS/noarch/theirs-1-1.noarch.rpm');
    const files = await readPayload(runForBytes('cat', [path]), 'theirs');
    expect(files.map(({ path, kind, mode }) => [path, kind, mode])).toEqual([
      ['/opt/theirs', 'directory', 0o755],
      ['/opt/theirs/again', 'file', 0o644],
      ['/opt/theirs/link', 'symlink', 0o777],
      ['/opt/theirs/numbers', 'file', 0o644],
    ]);
    mkdirSync(join(at, 'out'));
    run('bash', ['-c', 'cd "$1" && rpm2cpio "$2" | cpio -id --quiet', 'unpack', join(at, 'out'), path]);
    const expected = Buffer.from(runForBytes('cat', [join(at, 'out/opt/theirs/numbers')]));
    for (const name of [1, 3]) expect(files[name]?.data?.equals(expected)).toBe(true);
    expect(files[2]?.target).toBe('numbers');
  });
});

it.each(COMPRESSIONS)('reads what was written: $kind', async (compression) => {
  const entries = [
    folder('/usr/a'),
    textFile('/usr/a/x', 'hello', { mode: 0o755 }),
    symlink('/usr/a/y', 'x'),
    ghost('/z'),
  ];
  const mtime = 315_532_800;
  expect(await readPayload(await sampleRpm(minimalSpec(), entries, compression))).toEqual([
    { path: '/usr/a', kind: 'directory', mode: 0o755, mtime },
    { path: '/usr/a/x', kind: 'file', mode: 0o755, mtime, data: Buffer.from('hello') },
    { path: '/usr/a/y', kind: 'symlink', mode: 0o777, mtime, target: 'x' },
  ]);
});

it('reads the form for files past 4 GiB', async () => {
  const entries = [folder('/usr/a'), ghost('/usr/a/0'), textFile('/usr/a/x', 'hello'), symlink('/usr/a/y', 'x')];
  const payload = await packPayload(entries, ZSTD, { forceLarge: true });
  const rpm = Buffer.concat(encodeRpm(minimalSpec(), payload).chunks);
  const files = await readPayload(rpm);
  expect(files.map(({ path, data }) => [path, data?.toString()])).toEqual([
    ['/usr/a', undefined],
    ['/usr/a/x', 'hello'],
    ['/usr/a/y', undefined],
  ]);
});

it.each(COMPRESSIONS)('refuses a payload that differs from its digest: $kind', async (compression) => {
  const rpm = await sampleRpm(minimalSpec(), sampleEntries(), compression);
  const last = rpm.length - 20;
  rpm.writeUInt8(rpm.readUInt8(last) ^ 1, last);
  await expect(readPayload(rpm, 'damaged.rpm')).rejects.toThrow(
    /^damaged\.rpm: the payload's sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}\. Build or fetch it again\.$/,
  );
});

it.each([ZSTD, XZ, GZIP])('refuses a stream that is cut, damaged or of another size: $kind', async (compression) => {
  const { data, archiveSize } = await packPayload([LARGE], compression);
  const stream = Buffer.from(data);
  const read = (bytes: Buffer, size = archiveSize) => decompress(bytes, compression.kind, size, 'x.rpm');
  await expect(read(stream.subarray(0, stream.length - 9))).rejects.toBeInstanceOf(RpmError);
  await expect(read(Buffer.from('neither'))).rejects.toMatchObject({ code: 'RPM_DAMAGED', subject: 'x.rpm' });
  await expect(read(stream, archiveSize - 1)).rejects.toThrow(`bytes, expected ${archiveSize - 1}`);
  await expect(read(stream, archiveSize + 1)).rejects.toThrow(`to ${archiveSize} bytes, expected ${archiveSize + 1}`);
});

it('refuses a compressor that it has none for', async () => {
  await expect(decompress(Buffer.from('BZh9'), 'bzip2', 1, 'old.rpm')).rejects.toThrow(
    'old.rpm: the payload is compressed by "bzip2", expected zstd, xz, gzip or none',
  );
  await expect(decompress(Buffer.from('BZh9'), 'constructor', 1, 'old.rpm')).rejects.toBeInstanceOf(RpmError);
});

it('reads an archive without a compressor tag, as rpm does: plain or gzip', async () => {
  const plain = await packPayload([LARGE], NONE);
  const packed = await packPayload([LARGE], GZIP);
  for (const { data } of [plain, packed]) {
    const archive = await decompress(Buffer.from(data), undefined, plain.archiveSize, 'x.rpm');
    expect(archive.equals(Buffer.from(plain.data))).toBe(true);
  }
});
