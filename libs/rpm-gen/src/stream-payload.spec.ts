import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import type { RpmEntry } from './entries.js';
import { packPayload } from './payload.js';
import { readFiles } from './read-files.js';
import { encodeRpm } from './rpm.js';
import { folder, minimalSpec, NONE, sampleEntries, textFile, ZSTD } from './samples.fixture.js';
import { MemorySpool, streamPayload } from './stream-payload.js';
import { writeRpmFile } from './write-rpm-file.js';

const MIB = 1024 * 1024;

/** Text, numbers and noise: several blocks of the stream, whose ends fall inside of files. */
function mixedEntries(): RpmEntry[] {
  const words = Array.from({ length: 70_000 }, (_, i) => `word${(i * i) % 9973} `).join('');
  const numbers = Buffer.from(Uint32Array.from({ length: 70_000 }, (_, i) => i * 2_654_435_761).buffer);
  const noise = randomBytes(MIB / 4 + 12_345);
  return [
    ...sampleEntries(),
    textFile('/usr/lib/tiny/words', words),
    textFile('/usr/lib/tiny/numbers', '', { size: numbers.length, read: () => ({ data: numbers }) }),
    inPieces('/usr/lib/tiny/noise', noise, 777),
  ];
}

/** A file whose content comes in pieces. */
function inPieces(path: string, data: Buffer, size = 64 * 1024): RpmEntry {
  const stream = function* (): Generator<Buffer> {
    for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
  };
  return { path, kind: 'file', mode: 0o644, size: data.length, stream };
}

describe('a streamed payload', () => {
  it.each([ZSTD, { kind: 'xz', level: 1 } as const, NONE])(
    'reports an error of a file, and ends its threads: $kind',
    async (compression) => {
      const failure = new Error('disk on fire');
      const entries = [...mixedEntries(), textFile('/zz', 'x', { read: () => Promise.reject(failure) })];
      await expect(streamPayload(entries, compression, new MemorySpool())).rejects.toBe(failure);
    },
  );

  it('reports an error of the spool', async () => {
    const failure = new Error('disk full');
    const spool = { write: () => Promise.reject(failure), read: () => [] };
    await expect(streamPayload(mixedEntries(), ZSTD, spool)).rejects.toBe(failure);
  });

  it('names every file of another size, and stops at the first byte too many', async () => {
    const endless = function* (): Generator<Buffer> {
      for (;;) yield Buffer.alloc(1000);
    };
    const entries: RpmEntry[] = [
      { path: '/a', kind: 'file', mode: 0o644, size: 2500, stream: endless },
      { ...inPieces('/b', Buffer.alloc(10)), size: 11 },
    ];
    await expect(streamPayload(entries, NONE, new MemorySpool())).rejects.toThrow(
      /"\/a": found more than 2500 bytes, expected 2500\n.*"\/b": found 10 bytes, expected 11\n/,
    );
  });
});

it('gives the same RPM if the spec comes after the files', async () => {
  const entries = mixedEntries();
  const { chunks, size } = encodeRpm(minimalSpec(), await packPayload(entries, ZSTD));
  const later = await (await readFiles(entries, ZSTD)).encode(minimalSpec());
  expect(Buffer.concat(later.chunks).equals(Buffer.concat(chunks))).toBe(true);
  expect(later.size).toBe(size);
});

it('writes the same RPM to a file, and leaves nothing beside it', async () => {
  const path = join(temporaryFolder(), 'tiny.rpm');
  const entries = mixedEntries();
  const { chunks, size } = encodeRpm(minimalSpec(), await packPayload(entries, ZSTD));
  expect(await writeRpmFile(path, minimalSpec(), entries, { compression: ZSTD })).toBe(size);
  expect(readFileSync(path).equals(Buffer.concat(chunks))).toBe(true);
  const failing = [...entries, textFile('/zz', 'x', { size: 2 })];
  const other = join(dirname(path), 'other.rpm');
  await expect(writeRpmFile(other, minimalSpec(), failing, { compression: ZSTD })).rejects.toMatchObject({
    code: 'RPM_CONTENT_MISMATCH',
  });
  expect(readdirSync(dirname(path))).toEqual(['tiny.rpm']);
});

describeWith(['rpm', 'rpm2archive', 'tar'], 'the form for files past 4 GiB, streamed', () => {
  it('is read by rpm', async () => {
    const path = join(temporaryFolder(), 'large.rpm');
    const noise = randomBytes(100_001);
    const entries = [folder('/usr/big'), inPieces('/usr/big/a', noise), textFile('/usr/big/b', 'you\n')];
    await writeRpmFile(path, minimalSpec(), entries, { compression: ZSTD, forceLarge: true });
    expect(run('rpm', ['-K', path])).toContain('digests OK');
    expect(run('rpm', ['-qp', '--requires', path])).toContain('rpmlib(LargeFiles) <= 4.12.0-1');
    const sha256 = createHash('sha256').update(noise).digest('hex');
    expect(run('rpm', ['-qp', '--qf', '[%{filenames} %{longfilesizes} %{filedigests},]', path])).toContain(
      `/usr/big/a 100001 ${sha256},/usr/big/b 4 `,
    );
    run('rpm2archive', ['--nocompression', path]);
    expect(run('tar', ['-xOf', `${path}.tar`, './usr/big/b'])).toBe('you\n');
  });
});
