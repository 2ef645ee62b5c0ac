/**
 * A header is a table of tags and one block of data; the signature and the metadata of a package are both one (rpm.org, "RPM V4 Package format").
 *
 *     offset     size
 *      0          8     magic 8e ad e8 01, reserved
 *      8          4     number n of index entries
 *     12          4     bytes of data
 *     16       16 × n   index: tag, type, offset into the data, count
 *     16 + 16n          data; the last 16 bytes are the region's trailer, an index entry with a negative offset
 */
import { RpmError } from './errors.js';
import type { TagTable, TagType, TagValues } from './tags.js';

export const HEADER_MAGIC = 0x8eade801;
export const INDEX_ENTRY_SIZE = 16;
export const HEADER_INTRO_SIZE = 16;
export const TYPE_NUMBERS = {
  int16: 3,
  int32: 4,
  int64: 5,
  string: 6,
  bytes: 7,
  strings: 8,
  i18n: 9,
  translated: 9,
  program: 8,
} as const satisfies Record<TagType, number>;
export const INTEGER_SIZES = { int16: 2, int32: 4, int64: 8 } as const;
/** rpm 4.18 refuses a header with more data than this. */
export const DATA_LIMIT = 0x0fffffff;
/** Entries of an index that rpm reads at most. */
export const INDEX_LIMIT = 0xffff;

interface EncodedEntry {
  tag: number;
  type: TagType;
  count: number;
  data: Buffer;
}

/** Encodes values in ascending order of tags inside one region, as rpmbuild does. Values that are undefined are left out. */
export function encodeHeader<T extends TagTable>(
  region: number,
  table: T,
  values: TagValues<T>,
  subject: string,
): Uint8Array {
  const entries = Object.entries(table)
    .flatMap(([name, [tag, type]]) => encodeEntry(tag, type, values[name]))
    .sort((a, b) => a.tag - b.tag);
  const offsets = layOut(entries);
  const dataSize = offsets.end + INDEX_ENTRY_SIZE;
  if (dataSize > DATA_LIMIT) {
    const found = `the header would hold ${dataSize} bytes, expected at most ${DATA_LIMIT}`;
    throw new RpmError('RPM_TOO_LARGE', subject, `${found}. Split the package into several with fewer files.`);
  }
  const indexSize = INDEX_ENTRY_SIZE * (entries.length + 1);
  const bytes = Buffer.alloc(HEADER_INTRO_SIZE + indexSize + dataSize);
  bytes.writeUInt32BE(HEADER_MAGIC, 0);
  bytes.writeUInt32BE(entries.length + 1, 8);
  bytes.writeUInt32BE(dataSize, 12);
  writeIndexEntry(bytes, HEADER_INTRO_SIZE, region, 'bytes', offsets.end, INDEX_ENTRY_SIZE);
  entries.forEach((entry, i) => {
    const offset = offsets.starts[i] ?? 0;
    writeIndexEntry(bytes, HEADER_INTRO_SIZE + INDEX_ENTRY_SIZE * (i + 1), entry.tag, entry.type, offset, entry.count);
    entry.data.copy(bytes, HEADER_INTRO_SIZE + indexSize + offset);
  });
  writeIndexEntry(bytes, bytes.length - INDEX_ENTRY_SIZE, region, 'bytes', -indexSize, INDEX_ENTRY_SIZE);
  return bytes;
}

function layOut(entries: readonly EncodedEntry[]): { starts: number[]; end: number } {
  const starts: number[] = [];
  let end = 0;
  for (const { type, data } of entries) {
    const alignment = type in INTEGER_SIZES ? INTEGER_SIZES[type as keyof typeof INTEGER_SIZES] : 1;
    end = Math.ceil(end / alignment) * alignment;
    starts.push(end);
    end += data.length;
  }
  return { starts, end };
}

function writeIndexEntry(bytes: Buffer, at: number, tag: number, type: TagType, offset: number, count: number): void {
  bytes.writeUInt32BE(tag, at);
  bytes.writeUInt32BE(TYPE_NUMBERS[type], at + 4);
  bytes.writeInt32BE(offset, at + 8);
  bytes.writeUInt32BE(count, at + 12);
}

type Value = number[] | string | string[] | Uint8Array | undefined;

function encodeEntry(tag: number, type: TagType, value: Value): EncodedEntry[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [{ tag, type, count: 1, data: Buffer.from(`${value}\0`) }];
  // rpm takes an entry without items for damage.
  if (value.length === 0) return [];
  if (type === 'program' && value.length === 1) return encodeEntry(tag, 'string', value[0] as string);
  if (value instanceof Uint8Array) return [{ tag, type, count: value.length, data: Buffer.from(value) }];
  return [{ tag, type, count: value.length, data: encodeItems(type, value) }];
}

function encodeItems(type: TagType, items: number[] | string[]): Buffer {
  if (type === 'strings' || type === 'translated' || type === 'program') return Buffer.from(`${items.join('\0')}\0`);
  const size = type === 'int16' ? INTEGER_SIZES.int16 : type === 'int32' ? INTEGER_SIZES.int32 : INTEGER_SIZES.int64;
  const data = Buffer.alloc(size * items.length);
  (items as number[]).forEach((item, i) => {
    if (size === 8) data.writeBigUInt64BE(BigInt(item), i * size);
    else data.writeUIntBE(item, i * size, size);
  });
  return data;
}
