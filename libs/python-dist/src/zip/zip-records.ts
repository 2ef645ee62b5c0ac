/**
 * Encodes the records of a zip file, byte for byte as CPython's `zipfile` for a stored entry of 1980-01-01
 * (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.14 to 4.3.16). `zipfile` uses zip64 from 2 GiB, not from 4 GiB as in APPNOTE.TXT.
 */
export interface ZipRecordFields {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly mode: 0o644 | 0o755;
  readonly crc32: number;
}

const ZIP64_LIMIT = 2 ** 31 - 1;
const COUNT_LIMIT = 2 ** 16 - 1;
const UINT32_MAX = 2 ** 32 - 1;
const VERSION = 20;
const ZIP64_VERSION = 45;
const UTF8_FLAG = 0x800;
const UNIX = 3;
const REGULAR_FILE = 0o100000;
const DATE_1980_01_01 = 0x21;

/**
 * Offset, size and meaning: 0 4 signature, 4 2 version needed, 6 2 flags, 8 2 method, 10 2 time, 12 2 date, 14 4 CRC,
 * 18 4 compressed size, 22 4 size, 26 2 length of the name, 28 2 length of the extra field; name, extra field.
 */
export function encodeLocalHeader({ name, size, crc32 }: ZipRecordFields): Buffer {
  const rawName = Buffer.from(name);
  const zip64 = needsLocalZip64(size);
  const extra = zip64 ? encodeZip64Extra([size, size]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(zip64 ? ZIP64_VERSION : VERSION, 4);
  header.writeUInt16LE(flagsOf(rawName), 6);
  header.writeUInt16LE(DATE_1980_01_01, 12);
  header.writeUInt32LE(crc32, 14);
  header.writeUInt32LE(zip64 ? UINT32_MAX : size, 18);
  header.writeUInt32LE(zip64 ? UINT32_MAX : size, 22);
  header.writeUInt16LE(rawName.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, rawName, extra]);
}

/**
 * 0 4 signature, 4 1 version made by, 5 1 system, 6 2 version needed, 8 2 flags, 10 2 method, 12 2 time, 14 2 date,
 * 16 4 CRC, 20 4 compressed size, 24 4 size, 28 2 length of the name, 30 2 of the extra field, 32 2 of the comment,
 * 34 2 disk, 36 2 internal attributes, 38 4 external attributes, 42 4 offset of the local header; name, extra field.
 */
export function encodeCentralHeader({ name, size, mode, crc32 }: ZipRecordFields, offset: number): Buffer {
  const rawName = Buffer.from(name);
  const bigSize = size > ZIP64_LIMIT;
  const bigOffset = offset > ZIP64_LIMIT;
  const extra = encodeZip64Extra([...(bigSize ? [size, size] : []), ...(bigOffset ? [offset] : [])]);
  const version = extra.length > 0 || needsLocalZip64(size) ? ZIP64_VERSION : VERSION;
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt8(version, 4);
  header.writeUInt8(UNIX, 5);
  header.writeUInt16LE(version, 6);
  header.writeUInt16LE(flagsOf(rawName), 8);
  header.writeUInt16LE(DATE_1980_01_01, 14);
  header.writeUInt32LE(crc32, 16);
  header.writeUInt32LE(bigSize ? UINT32_MAX : size, 20);
  header.writeUInt32LE(bigSize ? UINT32_MAX : size, 24);
  header.writeUInt16LE(rawName.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE((REGULAR_FILE | mode) * 0x10000, 38);
  header.writeUInt32LE(bigOffset ? UINT32_MAX : offset, 42);
  return Buffer.concat([header, rawName, extra]);
}

/** The end of a zip whose central directory has `count` entries in `size` bytes at `offset`. */
export function encodeEndRecords(count: number, size: number, offset: number): Buffer {
  const zip64 = count > COUNT_LIMIT || offset > ZIP64_LIMIT || size > ZIP64_LIMIT;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, COUNT_LIMIT), 8);
  end.writeUInt16LE(Math.min(count, COUNT_LIMIT), 10);
  end.writeUInt32LE(Math.min(size, UINT32_MAX), 12);
  end.writeUInt32LE(Math.min(offset, UINT32_MAX), 16);
  return zip64 ? Buffer.concat([encodeZip64End(count, size, offset), end]) : end;
}

/** Zip64 end record (56 bytes) and its locator (20 bytes). */
function encodeZip64End(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(76);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(ZIP64_VERSION, 12);
  record.writeUInt16LE(ZIP64_VERSION, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(offset + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

/**
 * zipfile uses zip64 for data that might grow to 2 GiB by compression, with a margin of 5 %, even for stored entries. From that size
 * (2,045,222,521 bytes) to 2 GiB these are the records of CPython 3.11.4 and newer; older versions also write the sizes in the header.
 */
function needsLocalZip64(size: number): boolean {
  return size * 1.05 > ZIP64_LIMIT;
}

function encodeZip64Extra(values: readonly number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

function flagsOf(rawName: Buffer): number {
  return rawName.every((byte) => byte < 0x80) ? 0 : UTF8_FLAG;
}
