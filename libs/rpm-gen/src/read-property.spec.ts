/** Mutated RPMs: lead, headers, cpio archives and compressed payloads are read or refused with a typed error. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzz, fuzzOptions, fuzzParameters } from '@pinpack/testing';
import { decompress } from './decompress.js';
import { RpmError } from './errors.js';
import { compareEvr } from './evr.js';
import { listFiles } from './file-list.js';
import { decodeHeader } from './header-reader.js';
import { LEAD_SIZE } from './lead.js';
import { packPayload } from './payload.js';
import { parseCpio } from './read-cpio.js';
import { readPayload } from './read-payload.js';
import { readRpm } from './read.js';
import { COMPRESSIONS, NONE, sampleEntries, sampleRpm, minimalSpec } from './samples.fixture.js';
import { HEADER_TAGS, SIGNATURE_TAGS } from './tags.js';

async function refuses(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    expect(error).toBeInstanceOf(RpmError);
  }
}

test('a mutated RPM is read or refused', fuzzOptions(1000), async () => {
  const samples = await Promise.all(COMPRESSIONS.map((one) => sampleRpm(minimalSpec(), sampleEntries(), one)));
  await fuzz({ samples, usual: 1000 }, async (data) => {
    await refuses(() => readRpm(data));
    await refuses(() => readPayload(data));
  });
});

test('a mutated header is read or refused, whatever its digest is', fuzzOptions(2000), async () => {
  const rpm = await sampleRpm();
  const { headerOffset, payloadOffset } = readRpm(rpm);
  const samples = [rpm.subarray(headerOffset, payloadOffset), rpm.subarray(LEAD_SIZE, headerOffset)];
  await fuzz({ samples, usual: 2000 }, async (data) => {
    await refuses(() => listFiles(decodeHeader(data, 0, HEADER_TAGS, 'x').values));
    await refuses(() => decodeHeader(data, 0, SIGNATURE_TAGS, 'x'));
  });
});

describe('a mutated payload', () => {
  test('is a cpio archive or refused', fuzzOptions(2000), async () => {
    const archive = (await packPayload(sampleEntries(), NONE)).data;
    const stripped = Buffer.from('07070X00000000\0\0hell07070X00000001\0\0', 'latin1');
    const files = [
      { path: '/a', kind: 'file', mode: 0, mtime: 0, size: 4, target: '', isGhost: false, inode: 1 } as const,
    ];
    await fuzz({ samples: [archive, stripped], usual: 2000 }, async (data) => {
      await refuses(() => parseCpio(data, files, 'x'));
    });
  });

  test.each(COMPRESSIONS)('is decompressed to its declared size or refused: $kind', fuzzOptions(300), async (kind) => {
    const { data: payload, archiveSize } = await packPayload(sampleEntries(), kind);
    await fuzz({ samples: [payload], usual: 300 }, async (data, random) => {
      const size = random.pick([archiveSize, archiveSize, 0, 1, archiveSize + 1]);
      await refuses(async () => {
        expect((await decompress(data, kind.kind, size, 'x')).length).toBe(size);
      });
    });
  });
});

test(
  'any two versions have an order, which is antisymmetric',
  () => {
    const version = fc.string({ unit: fc.constantFrom(...'019azAZ.~^-_+é'.split('')), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(version, version, (one, other) => {
        const [a, b] = [one, other].map((text) => ({ version: text, release: '1' }));
        if (a === undefined || b === undefined) return;
        expect(Math.sign(compareEvr(a, b))).toBe(-Math.sign(compareEvr(b, a)) + 0);
      }),
      fuzzParameters(500),
    );
  },
  fuzzOptions(500).timeout,
);

describe('an archive that would fill the memory is refused', () => {
  /** RFC 8878: a frame without a content size, and blocks that repeat a byte 128 KiB times. */
  function bomb(blocks: number): Buffer {
    const block = Buffer.alloc(4);
    block.writeUIntLE((128 * 1024 * 8) | 2, 0, 3);
    const last = Buffer.from([1, 0, 0]);
    return Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), ...Array.from({ length: blocks }, () => block), last]);
  }

  test.each([
    ['by its blocks', bomb(30_000), 1000, 'decompresses to more bytes, expected 1000'],
    ['by its declared size', bomb(30_000), 3_932_160_000, 'declares an archive of 3932160000 bytes'],
  ])('%s', async (_, data, size, message) => {
    await expect(decompress(data, 'zstd', size, 'x')).rejects.toThrow(message);
  });

  test('but not what is highly compressible', async () => {
    const size = 400 * 128 * 1024;
    expect((await decompress(bomb(400), 'zstd', size, 'x')).length).toBe(size);
  });
});

test('a member of negative size is refused', () => {
  const fields = ['00000001', '000081a4', '00000000', '00000000', '00000001', '00000000', '-0000070'];
  const header = `070701${fields.join('')}${'0'.repeat(32)}0000000200000000a\0`;
  expect(() => parseCpio(Buffer.from(header), [], 'x')).toThrow(RpmError);
});
