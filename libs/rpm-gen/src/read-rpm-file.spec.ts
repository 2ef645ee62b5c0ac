/** Reading from a file in pieces gives what reading from memory gives. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, fuzz, fuzzOptions, run, seededRandom, temporaryFolder } from '@pinpack/testing';
import { sha256Of } from '@pinpack/common/digest';
import { ByteReader } from './byte-reader.js';
import { decompress, decompressStream } from './decompress.js';
import type { RpmEntry } from './entries.js';
import { listFiles } from './file-list.js';
import { packPayload } from './payload.js';
import { parseCpio } from './read-cpio.js';
import { readPayload, type PayloadFile } from './read-payload.js';
import { openRpmFile } from './read-rpm-file.js';
import { readRpm } from './read.js';
import { buildReference } from './reference.fixture.js';
import { encodeRpm } from './rpm.js';
import {
  COMPRESSIONS,
  minimalSpec,
  NONE,
  sampleEntries,
  sampleRpm,
  symlink,
  textFile,
  ZSTD,
} from './samples.fixture.js';
import { streamCpio } from './stream-cpio.js';

/** Longer than a piece of any decompressor, and compressible. */
const LARGE = textFile('/usr/lib/tiny/large', 'some text\n'.repeat(150_000));
const LINKS: RpmEntry[] = ['again', 'link', 'zlink'].map((name) => ({
  path: `/usr/lib/tiny/${name}`,
  kind: 'hardlink',
  target: LARGE.path,
  mode: 0,
  size: 0,
}));
const ENTRIES = [...sampleEntries(), LARGE, ...LINKS, symlink('/usr/lib/tiny/s', 'large')];

const NOTHING: AsyncIterable<Buffer> = new ByteReader(cut(Buffer.alloc(0), 0)).pieces(0);

/** In the order of the paths. */
async function readFrom(path: string): Promise<Summary[]> {
  const rpm = await openRpmFile(path, 'RPM');
  const found: Summary[] = [];
  try {
    for await (const { size, linkTo, content, ...file } of rpm.files()) {
      const data = await new ByteReader(content ?? NOTHING).take(size);
      const linked = found.find((one) => one.path === linkTo)?.sha256;
      const sha256 = file.kind === 'file' ? (linked ?? sha256Of(data)) : '';
      found.push({ ...file, sha256 });
    }
  } finally {
    await rpm.close();
  }
  return sortByPath(found);
}

/** Digests: the difference of two large buffers takes minutes to print. */
type Summary = Omit<PayloadFile, 'data'> & { sha256: string };

async function readWhole(rpm: Uint8Array): Promise<Summary[]> {
  const files = await readPayload(rpm);
  return sortByPath(files.map(({ data, ...file }) => ({ ...file, sha256: data === undefined ? '' : sha256Of(data) })));
}

function sortByPath(files: readonly Summary[]): Summary[] {
  return [...files].sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
}

async function outcome<Result>(read: () => Promise<Result> | Result): Promise<Result | string> {
  try {
    return await read();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

it.each(COMPRESSIONS)('gives the files of an RPM: $kind', async (compression) => {
  const at = temporaryFolder();
  for (const isLarge of [false, true]) {
    const payload = await packPayload(ENTRIES, compression, { forceLarge: isLarge });
    const rpm = Buffer.concat(encodeRpm(minimalSpec(), payload).chunks);
    const path = join(at, `${isLarge}.rpm`);
    writeFileSync(path, rpm);
    expect(await readFrom(path)).toEqual(await readWhole(rpm));
  }
});

describeWith(['rpmbuild'], 'an RPM of rpmbuild', () => {
  it.each(['w19.zstdio', 'w6.xzdio', 'w9.gzdio', 'w.ufdio'])('is read too: %s', async (payload) => {
    const path = await buildReference(temporaryFolder(), minimalSpec(), ENTRIES, payload);
    const rpm = readFileSync(path);
    expect(await readFrom(path)).toEqual(await readWhole(rpm));
    expect(run('rpm', ['-K', '--nosignature', path])).toContain('digests OK');
  });
});

it('a mutated RPM is read or refused as from memory', fuzzOptions(200), async () => {
  const samples = await Promise.all(COMPRESSIONS.map((one) => sampleRpm(minimalSpec(), sampleEntries(), one)));
  const path = join(temporaryFolder(), 'mutated.rpm');
  await fuzz({ samples, usual: 200 }, async (data) => {
    writeFileSync(path, data);
    expect(await outcome(() => readFrom(path))).toEqual(await outcome(() => readWhole(data)));
  });
});

/** Pieces of a few bytes up to some thousand. */
async function* cut(data: Buffer, seed: number): AsyncGenerator<Buffer, void, undefined> {
  const random = seededRandom(seed);
  for (let at = 0; at < data.length;) {
    const end = at + 1 + random.below(random.pick([3, 100, 5000]));
    yield await Promise.resolve(data.subarray(at, end));
    at = end;
  }
}

it('a mutated archive is read or refused as from memory', fuzzOptions(300), async () => {
  const rpm = await sampleRpm(minimalSpec(), sampleEntries(), NONE);
  const files = listFiles(readRpm(rpm).header);
  const samples = await Promise.all(
    [false, true].map(async (large) =>
      Buffer.from((await packPayload(sampleEntries(), NONE, { forceLarge: large })).data),
    ),
  );
  let seed = 0;
  await fuzz({ samples, usual: 300 }, async (data) => {
    const streamed = await outcome(async () => {
      const contents = new Map<string, Buffer>();
      const reader = new ByteReader(cut(data, seed++));
      for await (const { path, size, content } of streamCpio(reader, files, 'x'))
        contents.set(path, await new ByteReader(content).take(size));
      return contents;
    });
    expect(streamed).toEqual(await outcome(() => parseCpio(data, files, 'x')));
  });
});

it.each(COMPRESSIONS)('mutated data are decompressed or refused as in memory: $kind', fuzzOptions(60), async (kind) => {
  const { data: payload, archiveSize } = await packPayload([...sampleEntries(), LARGE], kind);
  let seed = 0;
  await fuzz({ samples: [Buffer.from(payload)], usual: 60 }, async (mutated, random) => {
    const data = random.below(4) === 0 ? Buffer.from(payload) : mutated;
    const size = random.pick([archiveSize, archiveSize, archiveSize - 1, archiveSize + 1]);
    const streamed = await outcome(async () => {
      const pieces = cut(data, seed++);
      const archive = decompressStream({ compressor: kind.kind, start: data, pieces, size }, 'x');
      return sha256Of(await new ByteReader(archive).take(Number.POSITIVE_INFINITY));
    });
    expect(streamed).toBe(await outcome(async () => sha256Of(await decompress(data, kind.kind, size, 'x'))));
  });
});

it('reads several frames of zstd, and no half one', async () => {
  const { data, archiveSize } = await packPayload(sampleEntries(), ZSTD);
  const frames = Buffer.concat([data, data]);
  const read = (bytes: Buffer) =>
    new ByteReader(
      decompressStream({ compressor: 'zstd', start: bytes, pieces: cut(bytes, 1), size: 2 * archiveSize }, 'x'),
    ).take(Number.POSITIVE_INFINITY);
  expect((await read(frames)).length).toBe(2 * archiveSize);
  await expect(read(frames.subarray(0, -1))).rejects.toMatchObject({ code: 'RPM_DAMAGED' });
});
