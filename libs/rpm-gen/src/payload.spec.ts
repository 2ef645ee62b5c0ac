import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Compression } from './compression.js';
import type { RpmEntry } from './entries.js';
import { RpmError } from './errors.js';
import { packPayload } from './payload.js';
import { encodeRpm } from './rpm.js';
import { describeWith, run, runForBytes, temporaryFolder } from '@pinpack/testing';
import { folder, ghost, minimalSpec, NONE, sampleEntries, symlink, textFile, ZSTD } from './samples.fixture.js';

it('lays a file out as cpio newc', async () => {
  const { data, archiveSize } = await packPayload([textFile('/a', 'hello', { mtime: 1, mode: 0o640 })], NONE);
  const text = Buffer.from(data).toString('latin1');
  const fields = [
    '00000000',
    '000081a0',
    '00000000',
    '00000000',
    '00000001',
    '00000001',
    '00000005',
    '00000000'.repeat(4),
    '00000004',
    '00000000',
  ];
  expect(text.slice(0, 124)).toBe(`070701${fields.join('')}./a\0${'\0'.repeat(2)}hello\0\0\0`);
  expect(text.slice(124)).toContain('TRAILER!!!');
  expect(archiveSize).toBe(data.length);
  expect(archiveSize % 4).toBe(0);
});

it('reads each file once, in the order of the archive, and no ghost', async () => {
  const read: string[] = [];
  const noting = (entry: RpmEntry): RpmEntry => ({
    ...entry,
    read: () => (read.push(entry.path), { data: Buffer.from(entry.path) }),
    size: Buffer.byteLength(entry.path),
  });
  const { files } = await packPayload(
    [noting(textFile('/b', '')), ghost('/aa'), noting(textFile('/a-', '')), folder('/a'), noting(textFile('/a/x', ''))],
    NONE,
  );
  expect(read).toEqual(['/a-', '/a/x', '/b']);
  expect(files.map((file) => file.path)).toEqual(['/a', '/a-', '/a/x', '/aa', '/b']);
});

it('takes a digest that the caller has, and makes the others', async () => {
  const sha256 = createHash('sha256').update('known').digest('hex');
  const trusted = textFile('/a', 'x', { read: () => Promise.resolve({ data: Buffer.from('x'), sha256 }) });
  const { files } = await packPayload(
    [trusted, textFile('/b', 'known'), symlink('/c', 'a'), folder('/d'), ghost('/e')],
    NONE,
  );
  expect(files.map((file) => file.sha256)).toEqual([sha256, sha256, '', '', '']);
});

it('names every file whose size differs from its entry', async () => {
  const wrong = [textFile('/a', 'abc', { size: 4 }), textFile('/b', 'abc'), textFile('/c', 'abc', { size: 0 })];
  const failure = await packPayload(wrong, NONE).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(RpmError);
  expect(failure).toMatchObject({ code: 'RPM_CONTENT_MISMATCH' });
  expect((failure as RpmError).message).toMatch(
    /"\/a": found 3 bytes, expected 4\n.*"\/c": found 3 bytes, expected 0\n/,
  );
});

it('lets an error of `read` through', async () => {
  const failure = new Error('disk on fire');
  await expect(packPayload([textFile('/a', 'x', { read: () => Promise.reject(failure) })], NONE)).rejects.toBe(failure);
});

it('refuses a compression that is not offered, before it reads anything', async () => {
  const entry = textFile('/a', '', { read: () => expect.fail('was read') });
  await expect(packPayload([entry], { kind: 'zstd', level: 9 })).rejects.toMatchObject({
    code: 'RPM_COMPRESSION_INVALID',
  });
});

describeWith(['zstd'], 'a zstd payload', () => {
  it.each<Compression & { level: number }>([1, 3, 15, 19].map((level) => ({ kind: 'zstd', level })))(
    'is one frame without a checksum: level $level',
    async (compression) => {
      const entries = [...sampleEntries(), textFile('/long', 'some text '.repeat(100_000))];
      const { data } = await packPayload(entries, compression);
      const plain = await packPayload(entries, NONE);
      expect(Buffer.from(runForBytes('zstd', ['-dc'], data)).equals(Buffer.from(plain.data))).toBe(true);
      const path = join(temporaryFolder(), 'payload.zst');
      writeFileSync(path, data);
      expect(run('zstd', ['-lv', path])).toMatch(/# Zstandard Frames: 1\n[^]*Check: None/);
    },
  );
});

describeWith(['rpm', 'rpm2archive', 'tar'], 'the form for files past 4 GiB', () => {
  // A real one would need more memory than the machines that run specs have; rpm takes the form at any size.
  it.each([NONE, ZSTD])('is read by rpm: $kind', async (compression) => {
    const entries = [
      folder('/usr/big'),
      ghost('/usr/big/0'),
      textFile('/usr/big/a', 'hello\n'),
      textFile('/usr/big/b', 'you\n'),
      symlink('/usr/big/c', 'a'),
    ];
    const payload = await packPayload(entries, compression, { forceLarge: true });
    const path = join(temporaryFolder(), 'large.rpm');
    writeFileSync(path, Buffer.concat(encodeRpm(minimalSpec(), payload).chunks));
    expect(run('rpm', ['-K', path])).toContain('digests OK');
    expect(run('rpm', ['-qp', '--requires', path])).toContain('rpmlib(LargeFiles) <= 4.12.0-1');
    expect(run('rpm', ['-qp', '--queryformat', '[%{filenames} %{longfilesizes},]', path])).toContain(
      '/usr/big/a 6,/usr/big/b 4,',
    );
    run('rpm2archive', ['--nocompression', path]);
    expect(run('tar', ['-xOf', `${path}.tar`, './usr/big/a', './usr/big/b'])).toBe('hello\nyou\n');
  });
});
