/** Decodes headers, whose structure is checked as by rpm. */
import { RpmError } from './errors.js';
import { headerIssue, readIndexEntry, type IndexEntry } from './header-check.js';
import { HEADER_INTRO_SIZE, HEADER_MAGIC, INDEX_ENTRY_SIZE, INTEGER_SIZES, TYPE_NUMBERS } from './header.js';
import type { TagTable, TagType, TagValues } from './tags.js';

export interface DecodedHeader<T extends TagTable> {
  values: TagValues<T>;
  /** Offset of the first byte after the header, unpadded. */
  end: number;
  /** Numbers of all tags, those outside of the table too. */
  tags: ReadonlySet<number>;
}

/** Tags that the table doesn't name are passed over. Throws RpmError where the bytes are no header. */
export function decodeHeader<T extends TagTable>(
  bytes: Buffer,
  start: number,
  table: T,
  subject: string,
): DecodedHeader<T> {
  if (start + HEADER_INTRO_SIZE > bytes.length || !startsHeader(bytes, start)) {
    throw damaged(subject, `found no header at offset ${start}, expected it to start with 8e ad e8 01 00 00 00 00`);
  }
  const indexStart = start + HEADER_INTRO_SIZE;
  const dataStart = indexStart + INDEX_ENTRY_SIZE * bytes.readUInt32BE(start + 8);
  const end = dataStart + bytes.readUInt32BE(start + 12);
  if (end > bytes.length)
    throw damaged(subject, `the header ends at offset ${end}, but the file has ${bytes.length} bytes`);
  const index = readIndex(bytes.subarray(indexStart, dataStart));
  const data = bytes.subarray(dataStart, end);
  const issue = headerIssue(index, data);
  if (issue !== undefined) throw damaged(subject, issue);
  const entries = new Map(index.map((entry) => [entry.tag, entry]));
  const values: Record<string, Value> = {};
  for (const [name, [tag, type]] of Object.entries(table)) {
    const entry = entries.get(tag);
    if (entry !== undefined) values[name] = decodeEntry(data, entry, type, `${subject}: ${name}`);
  }
  return { values: values as TagValues<T>, end, tags: new Set(entries.keys()) };
}

/** Four reserved bytes follow the magic number and its version. */
function startsHeader(bytes: Buffer, start: number): boolean {
  return bytes.readUInt32BE(start) === HEADER_MAGIC && bytes.readUInt32BE(start + 4) === 0;
}

function readIndex(index: Buffer): IndexEntry[] {
  return Array.from({ length: index.length / INDEX_ENTRY_SIZE }, (_, at) =>
    readIndexEntry(index, at * INDEX_ENTRY_SIZE),
  );
}

type Value = number[] | string | string[] | Uint8Array | undefined;

function decodeEntry(data: Buffer, { type: found, offset, count }: IndexEntry, type: TagType, subject: string): Value {
  if (!isReadableAs(type, found)) throw damaged(subject, `found type ${found}, expected ${TYPE_NUMBERS[type]}`);
  switch (type) {
    case 'int16':
    case 'int32':
    case 'int64':
      return decodeIntegers(slice(data, offset, count * INTEGER_SIZES[type], subject), INTEGER_SIZES[type]);
    case 'bytes':
      return slice(data, offset, count, subject);
    case 'strings':
    case 'translated':
    case 'program':
      return decodeStrings(data, offset, count, subject);
    case 'string':
    case 'i18n':
      // Translations follow the untranslated text.
      return decodeStrings(data, offset, Math.max(count, 1), subject)[0];
  }
}

/** Other programs write one string as a list and a list as one string: an interpreter with arguments, an untranslated summary. */
function isReadableAs(type: TagType, found: number): boolean {
  const texts: number[] = [TYPE_NUMBERS.string, TYPE_NUMBERS.strings, TYPE_NUMBERS.i18n];
  return found === TYPE_NUMBERS[type] || (texts.includes(TYPE_NUMBERS[type]) && texts.includes(found));
}

function decodeIntegers(data: Buffer, size: number): number[] {
  const items: number[] = [];
  for (let at = 0; at < data.length; at += size) {
    items.push(size === 8 ? Number(data.readBigUInt64BE(at)) : data.readUIntBE(at, size));
  }
  return items;
}

function decodeStrings(data: Buffer, offset: number, count: number, subject: string): string[] {
  const items: string[] = [];
  let start = offset;
  while (items.length < count) {
    const end = data.indexOf(0, start);
    if (start >= data.length || end < 0) throw damaged(subject, `found ${items.length} strings, expected ${count}`);
    items.push(data.toString('utf8', start, end));
    start = end + 1;
  }
  return items;
}

function slice(data: Buffer, offset: number, size: number, subject: string): Buffer {
  if (offset + size <= data.length) return data.subarray(offset, offset + size);
  throw damaged(subject, `ends at offset ${offset + size}, but the header's data has ${data.length} bytes`);
}

function damaged(subject: string, found: string): RpmError {
  return new RpmError('RPM_DAMAGED', subject, `${found}. The file is damaged or no RPM: build or fetch it again.`);
}
