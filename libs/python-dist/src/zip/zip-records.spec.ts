import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { installedPythons } from '@pinpack/testing';
import { encodeCentralHeader, encodeEndRecords, encodeLocalHeader, type ZipRecordFields } from './zip-records.js';

/** Calls zipfile's encoders directly, for entries and offsets of gigabytes without writing them. */
const SCRIPT = `
import binascii, io, json, sys, zipfile

class Stream(io.RawIOBase):
    def __init__(self, position): self.position, self.written = position, bytearray()
    def tell(self): return self.position + len(self.written)
    def write(self, data): self.written += data
    def flush(self): pass

def info(case):
    info = zipfile.ZipInfo(case["name"], (1980, 1, 1, 0, 0, 0))
    info.create_system = 3
    info.external_attr = (0o100000 | case["mode"]) << 16
    info.file_size = info.compress_size = case["size"]
    info.CRC = case["crc32"]
    return info

def records(case):
    entry = info(case)
    local = entry.FileHeader(case["size"] * 1.05 > zipfile.ZIP64_LIMIT)
    entry.header_offset = case["offset"]
    archive = zipfile.ZipFile(io.BytesIO(), "w")
    archive.filelist = [entry] * case["count"]
    archive.start_dir = case["start"]
    archive.fp = stream = Stream(case["start"])
    archive._write_end_record()
    archive.fp = None
    length = 46 + len(case["name"].encode("utf-8"))
    extra = int.from_bytes(stream.written[30:32], "little") if case["count"] else 0
    central = stream.written[:length + extra] if case["count"] else b""
    end = stream.written[len(central) * case["count"]:]
    return [binascii.hexlify(part).decode() for part in (local, central, end)]

print(json.dumps([records(case) for case in json.load(sys.stdin)]))`;

interface Case extends ZipRecordFields {
  readonly offset: number;
  readonly count: number;
  readonly start: number;
}

const LIMIT = 2 ** 31 - 1;
/** From this size to LIMIT, CPython 3.11.4 and newer write another local header than older versions. */
const LOCAL_ZIP64_FROM = 2_045_222_521;

const base: Case = { name: 'a/b.py', size: 5, mode: 0o644, crc32: 0x12345678, offset: 0, count: 1, start: 100 };
const CASES: readonly Case[] = [
  base,
  { ...base, size: 0, crc32: 0 },
  { ...base, mode: 0o755, name: 'é/ü' },
  { ...base, size: LOCAL_ZIP64_FROM - 1 },
  { ...base, size: LIMIT + 1 },
  { ...base, size: 2 ** 32 - 1 },
  { ...base, size: 2 ** 32 },
  { ...base, size: 2 ** 40, mode: 0o755, name: 'é' },
  ...[LIMIT, LIMIT + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40].flatMap((offset) => [
    { ...base, offset, start: offset },
    { ...base, offset, start: offset, size: 2 ** 33 },
  ]),
  ...[0, 65_535, 65_536].map((count) => ({ ...base, count })),
];
const BAND: readonly Case[] = [LOCAL_ZIP64_FROM, LIMIT].map((size) => ({ ...base, size }));

describe('zip records', () => {
  const pythons = installedPythons();

  test.skipIf(pythons.length === 0).each(pythons)(
    'are identical to those of %s (skipped without a Python)',
    async (python) => {
      const cases = (await minorVersion(python)) >= 12 ? [...CASES, ...BAND] : CASES;
      const { stdout } = await execa(python, ['-c', SCRIPT], { input: JSON.stringify(cases) });
      const expected = JSON.parse(stdout) as [local: string, central: string, end: string][];
      for (const [index, one] of cases.entries()) {
        expect([one, ...recordsOf(one)]).toEqual([one, ...(expected[index] ?? [])]);
      }
    },
  );

  test('a local header in hexadecimal', () => {
    expect(encodeLocalHeader(base).toString('hex')).toBe(
      '504b0304' +
        '1400' +
        '0000' +
        '0000' +
        '0000' +
        '2100' +
        '78563412' +
        '05000000' +
        '05000000' +
        '0600' +
        '0000' +
        Buffer.from('a/b.py').toString('hex'),
    );
  });
});

function recordsOf(one: Case): [local: string, central: string, end: string] {
  const central = encodeCentralHeader(one, one.offset);
  const end = encodeEndRecords(one.count, central.length * one.count, one.start);
  return [encodeLocalHeader(one).toString('hex'), one.count === 0 ? '' : central.toString('hex'), end.toString('hex')];
}

async function minorVersion(python: string): Promise<number> {
  const { stdout } = await execa(python, ['-c', 'import sys; print(sys.version_info[1])']);
  return Number(stdout);
}
