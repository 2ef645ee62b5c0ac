import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { describeWith, run, runForBytes, temporaryFolder } from '@pinpack/testing';
import { compress } from './compress.js';
import { openCompressor } from './compressor.js';
import { decompressPieces } from './decompressor.js';
import { compressStrongly } from './strong-xz.js';

const TEXT = Buffer.concat(
  Array.from({ length: 30_000 }, (_, i) => Buffer.from(`some text that repeats, and some that does not: ${i * i}\n`)),
);
const MIXED = Buffer.concat([TEXT, randomBytes(300_000), TEXT.subarray(7), Buffer.alloc(700_000)]);
/** For the strong levels, which are slow: still more than a block. */
const PART = MIXED.subarray(TEXT.length - 250_000, TEXT.length + 350_000);

async function inPieces(kind: 'zstd' | 'xz' | 'gzip', level: number, data: Buffer, size: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const compressor = await openCompressor(kind, level, (piece) => void pieces.push(piece));
  for (let at = 0; at < data.length; at += size) await compressor.write(data.subarray(at, at + size));
  await compressor.end();
  await compressor.close();
  return Buffer.concat(pieces);
}

async function decompressed(kind: 'zstd' | 'xz', ...pieces: Buffer[]): Promise<Buffer> {
  const result: Buffer[] = [];
  for await (const piece of decompressPieces(kind, pieces)) result.push(piece);
  return Buffer.concat(result);
}

describeWith(['zstd', 'xz', 'python3'], 'has the bytes of the stock library', () => {
  it.each([
    [1, MIXED],
    [3, MIXED],
    [19, PART],
  ])('zstd %i', async (level, data) => {
    const expected = runForBytes('zstd', [`-${level}`, '--single-thread', '--no-check', '-c'], data);
    expect((await inPieces('zstd', level, data, 99_991)).equals(expected)).toBe(true);
    expect(Buffer.concat(await compress([data], 'zstd', level)).equals(expected)).toBe(true);
  });

  // A block of zstd has 128 KiB, one of the thread 512.
  it.each([0, 1, 5000, 128 * 1024, 512 * 1024, 1024 * 1024])('zstd 3, %i bytes', async (size) => {
    const data = MIXED.subarray(0, size);
    const expected = runForBytes('zstd', ['-3', '--single-thread', '--no-check', '-c'], data);
    expect((await inPieces('zstd', 3, data, 99_991)).equals(expected)).toBe(true);
  });

  it.each([1, 2, 6])("xz %i, with rpm's check", async (level) => {
    const expected = runForBytes('xz', [`-${level}`, '--check=sha256', '--threads=1', '--stdout'], PART);
    expect((await inPieces('xz', level, PART, PART.length)).equals(expected)).toBe(true);
    const chunks = [PART.subarray(0, 70_000), PART.subarray(70_000)];
    expect(Buffer.concat(await compress(chunks, 'xz', level)).equals(expected)).toBe(true);
  });

  it.each([1, 6, 9])('gzip %i', async (level) => {
    const path = join(temporaryFolder(), 'data');
    writeFileSync(path, MIXED);
    const program =
      'import sys, zlib; c = zlib.compressobj(int(sys.argv[1]), 8, 31); sys.stdout.buffer.write(c.compress(open(sys.argv[2], "rb").read()) + c.flush())';
    const expected = runForBytes('python3', ['-c', program, `${level}`, path], Buffer.alloc(0));
    expect((await inPieces('gzip', level, MIXED, 1_000_003)).equals(expected)).toBe(true);
  });

  it('of nothing', async () => {
    for (const kind of ['zstd', 'xz', 'gzip'] as const) {
      const compressed = await inPieces(kind, 1, Buffer.alloc(0), 1);
      expect(runForBytes(kind, ['-dc'], compressed)).toHaveLength(0);
    }
  });
});

describe('openCompressor', () => {
  it('gives a thread to another stream only after its own has ended', async () => {
    const kinds = ['gzip', 'xz', 'gzip', 'xz', 'gzip'] as const;
    const alone = await inPieces('gzip', 9, MIXED, 4096);
    const together = await Promise.all(
      kinds.map((kind) => inPieces(kind, kind === 'gzip' ? 9 : 1, kind === 'gzip' ? MIXED : PART, 500_000)),
    );
    for (const [position, kind] of kinds.entries())
      if (kind === 'gzip') expect(together[position]?.equals(alone)).toBe(true);
    expect(together[1]?.equals(together[3] ?? alone)).toBe(true);
  });

  it('is closed in the middle of a stream, and the next one is whole', async () => {
    const abandoned = await openCompressor('gzip', 9, () => undefined);
    await abandoned.write(MIXED);
    await abandoned.close();
    expect((await inPieces('gzip', 9, TEXT, 5_000)).equals(Buffer.concat(await compress([TEXT], 'gzip', 9)))).toBe(
      true,
    );
  });

  it('reports what the sink throws', async () => {
    const compressor = await openCompressor('zstd', 3, () => Promise.reject(new Error('the disk is full')));
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await compressor.write(randomBytes(600_000));
      await compressor.end();
    })();
    await expect(writing).rejects.toThrow('the disk is full');
    await compressor.close();
  });

  it('reports a level that the library does not have', async () => {
    const compressor = await openCompressor('xz', 77, () => undefined);
    await expect(compressor.end()).rejects.toThrow('the compressor has not enough memory');
    await compressor.close();
  });
});

const ADDONS = ['zstd-1.5.4', 'gzip-1.3.2'];

function pathOfAddon(name: string, architecture: string = process.arch): string {
  return fileURLToPath(new URL(`../native/${name}-linux-${architecture}.node`, import.meta.url));
}

function loadAddon(name: string): Record<'open' | 'step' | 'close', (...values: unknown[]) => unknown> {
  const library = { exports: {} as ReturnType<typeof loadAddon> };
  process.dlopen(library, pathOfAddon(name));
  return library.exports;
}

describeWith(['readelf'], 'the addons', () => {
  it.each(ADDONS)('are loaded where Node and the C library are those they are built for: %s', (name) => {
    expect(loadAddon(name).open).toBeTypeOf('function');
  });

  it.each(
    ADDONS.flatMap((name) => [
      [name, 'x64', 'Advanced Micro Devices X86-64', ['libc.so.6']] as const,
      [name, 'arm64', 'AArch64', ['libc.so.6', 'ld-linux-aarch64.so.1']] as const,
    ]),
  )(
    'need the C library of RHEL 8 at most, no executable stack and no function of Node but those of Node-API: %s %s',
    (name, architecture, machine, libraries) => {
      const path = pathOfAddon(name, architecture);
      const description = run('readelf', ['--wide', '--headers', '--dynamic', '--version-info', path]);
      expect(description).toMatch(new RegExp(`Machine: +${machine}`));
      const needed = [...description.matchAll(/Name: GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
      expect(Math.max(...needed)).toBeLessThanOrEqual(28);
      expect(description).toMatch(/GNU_STACK .* RW  /);
      expect(libraries).toEqual(
        expect.arrayContaining([...description.matchAll(/Shared library: \[(.*)\]/g)].map(([, found]) => found)),
      );
      // Node exports the functions of its own zlib, and from 22.15 of its own libzstd, which would take the place of others that are visible.
      const symbols = run('readelf', ['--wide', '--dyn-syms', path]);
      const exported = [...symbols.matchAll(/GLOBAL +DEFAULT +\d+ (\S+)$/gm)].map(([, found]) => found);
      expect(exported.toSorted()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
      expect(symbols).not.toMatch(/ZSTD_|HUF_|FSE_|XXH|deflate|crc32|adler/);
    },
  );

  it.each([
    ['zstd', 1, MIXED],
    ['zstd', 3, MIXED],
    ['zstd', 4, MIXED],
    ['zstd', 15, PART],
    ['zstd', 19, PART],
    ...Array.from({ length: 9 }, (_, i) => ['gzip', i + 1, PART] as const),
  ] as const)(
    'give the bytes of WebAssembly, which takes their place without them: %s %i',
    async (kind, level, data) => {
      const byAddon = await inPieces(kind, level, data, 99_991);
      vi.resetModules();
      const load = vi.spyOn(process, 'dlopen').mockImplementation(() => {
        throw new Error('no addons');
      });
      const other = await import('./compress.js');
      const byWebAssembly = Buffer.concat(await other.compress([data], kind, level));
      expect(load).toHaveBeenCalledOnce();
      load.mockRestore();
      expect(byWebAssembly.equals(byAddon)).toBe(true);
    },
  );

  it.each(ADDONS)('refuse other arguments than those of their thread: %s', (name) => {
    const { open, step, close } = loadAddon(name);
    const context = open(3);
    const [data, output, positions] = [new Uint8Array(10), new Uint8Array(100), new Uint32Array(2)];
    const wrong: unknown[][] = [
      [],
      [3, data, 10, output, positions, true],
      [context, data, 11, output, positions, true],
      [context, data, -1, output, positions, true],
      [context, 'data', 4, output, positions, true],
      [context, data, 10, new Uint16Array(100), positions, true],
      [context, data, 10, output, new Uint32Array(1), true],
      [context, data, 10, output, new Uint32Array(3), true],
      [context, data, 10, output, new Uint32Array([11, 0]), true],
      [context, data, 10, output, positions, 1],
    ];
    for (const values of wrong) expect(() => step(...values)).toThrow('the compressor was called with other arguments');
    for (const values of [[], ['3'], [{}]]) {
      expect(() => open(...values)).toThrow('the compressor was called with other arguments');
    }
    expect(() => close(3)).toThrow('the compressor was called with other arguments');
    expect(step(context, data, 10, output, positions, false)).toBe(1);
    expect(step(context, data, 10, output, positions, true)).toBe(0);
    close(context);
    close(context);
    expect(() => step(context, data, 10, output, positions, true)).toThrow('the compressor was called with other');
  });
});

describeWith(['xz', 'zstd', 'python3'], 'decompressPieces', () => {
  it('reads xz, lzma and frames of zstd, wherever the pieces end', async () => {
    const samples = [
      ['xz', Buffer.from(runForBytes('xz', ['-1', '-c'], MIXED))],
      ['xz', Buffer.from(runForBytes('xz', ['-1', '--format=lzma', '-c'], MIXED))],
      ['zstd', Buffer.from(runForBytes('zstd', ['-3', '-c'], MIXED))],
    ] as const;
    for (const [kind, data] of samples) {
      expect((await decompressed(kind, data)).equals(MIXED)).toBe(true);
      const cuts = [0, 1, 5, 4000, 300_000, data.length];
      const parts = cuts.slice(1).map((end, position) => data.subarray(cuts[position], end));
      expect((await decompressed(kind, ...parts)).equals(MIXED)).toBe(true);
    }
    const frames = Buffer.concat([runForBytes('zstd', ['-c'], TEXT), runForBytes('zstd', ['-c'], TEXT)]);
    expect((await decompressed('zstd', frames)).equals(Buffer.concat([TEXT, TEXT]))).toBe(true);
  });

  it('ends with the stream of xz, and reads frames of zstd to the end', async () => {
    const rest = Buffer.from('something else');
    for (const options of [['-c'], ['--format=lzma', '-c']]) {
      const data = Buffer.from(runForBytes('xz', ['-1', ...options], TEXT));
      expect((await decompressed('xz', Buffer.concat([data, rest]))).equals(TEXT)).toBe(true);
      expect((await decompressed('xz', data, rest)).equals(TEXT)).toBe(true);
    }
    const frame = Buffer.from(runForBytes('zstd', ['-1', '-c'], TEXT));
    await expect(decompressed('zstd', Buffer.concat([frame, rest]))).rejects.toThrow('another format, or damaged');
  });

  it('refuses data that end early, are damaged, or are something else', async () => {
    for (const kind of ['xz', 'zstd'] as const) {
      const data = Buffer.from(runForBytes(kind, ['-c', '-1'], MIXED));
      await expect(decompressed(kind, data.subarray(0, -9))).rejects.toThrow(`the data of ${kind} end early`);
      await expect(decompressed(kind, Buffer.from(TEXT))).rejects.toThrow('another format, or damaged');
      const damaged = Buffer.from(data);
      damaged.fill(0x55, 1000, 1100);
      await expect(decompressed(kind, damaged)).rejects.toThrow('another format, or damaged');
    }
  });

  it('refuses xz that needs more memory than rpm allows', async () => {
    const options = '--lzma2=preset=0,dict=128MiB';
    const data = Buffer.from(runForBytes('xz', ['--format=xz', options, '-c'], TEXT));
    await expect(decompressed('xz', data)).rejects.toThrow('another format, or damaged');
  });
});

describeWith(['xz'], 'compressStrongly', () => {
  it('gives what xz reads, and less than xz -9', async () => {
    const data = Buffer.from(
      Float64Array.from({ length: 20_000 }, (_, i) => Math.round(Math.sin(i / 50) * 1e4) / 7).buffer,
    );
    const compressed = await compressStrongly(data);
    expect(data.equals(runForBytes('xz', ['-dc'], compressed))).toBe(true);
    expect(compressed.length).toBeLessThan(runForBytes('xz', ['-9', '-c'], data).length);
    // CRC32: byte 7 of the stream's header is the kind of the check.
    expect(compressed[7]).toBe(1);
    expect(await compressStrongly(Buffer.alloc(0))).toHaveLength(0);
  });
});
