/**
 * Checks the structure of a header as rpm does before it trusts any of it (rpm's lib/header, `hdrblobVerifyRegion` and `hdrblobVerifyInfo`): the region's entry and
 * trailer, and for each entry its tag, type, count, alignment and size. Nothing digests the signature header, so this is all that finds damage there.
 */
import { DATA_LIMIT, INDEX_ENTRY_SIZE, INDEX_LIMIT, INTEGER_SIZES, TYPE_NUMBERS } from './header.js';
import { IMMUTABLE_REGION, SIGNATURE_REGION } from './tags.js';

/** Of rpm 3; rpm still accepts it in the trailer of a signature header. */
const OLD_REGION = 61;
/** Smaller tags are reserved for regions. */
const LOWEST_TAG = 100;
const { bytes: BYTES, string: TEXT } = TYPE_NUMBERS;
const TEXT_LISTS: number[] = [TYPE_NUMBERS.strings, TYPE_NUMBERS.i18n];
const CHARACTER = 1;
const INT8 = 2;
/** Bytes of an item, by the number of its type; that is also its alignment. */
const ITEM_SIZES = new Map<number, number>([
  [CHARACTER, 1],
  [INT8, 1],
  [TYPE_NUMBERS.int16, INTEGER_SIZES.int16],
  [TYPE_NUMBERS.int32, INTEGER_SIZES.int32],
  [TYPE_NUMBERS.int64, INTEGER_SIZES.int64],
  [BYTES, 1],
]);
const ARRAY_LIMIT = 0xfffff;

/** `offset` is signed: in the trailer of a region it is minus the size of the index. */
export interface IndexEntry {
  tag: number;
  type: number;
  offset: number;
  count: number;
}

export function readIndexEntry(bytes: Buffer, at: number): IndexEntry {
  return {
    tag: bytes.readUInt32BE(at),
    type: bytes.readUInt32BE(at + 4),
    offset: bytes.readInt32BE(at + 8),
    count: bytes.readUInt32BE(at + 12),
  };
}

/**
 * @param data - the header's data, without its index
 * @returns what was found and what was expected, or undefined
 */
export function headerIssue(index: readonly IndexEntry[], data: Buffer): string | undefined {
  if (index.length > INDEX_LIMIT || data.length > DATA_LIMIT) {
    return `found ${index.length} tags with ${data.length} bytes, expected at most ${INDEX_LIMIT} with ${DATA_LIMIT}`;
  }
  const [first, ...others] = index;
  if (first === undefined || ![SIGNATURE_REGION, IMMUTABLE_REGION].includes(first.tag)) {
    return entriesIssue(index, data);
  }
  return regionIssue(first, index.length, data) ?? entriesIssue(others, data);
}

/** The header's region is all of it, and its trailer the end of the data. That of a signature header may end earlier: programs append tags. */
function regionIssue(region: IndexEntry, entries: number, data: Buffer): string | undefined {
  const isWhole = region.tag === IMMUTABLE_REGION;
  const last = data.length - INDEX_ENTRY_SIZE;
  const offset = isWhole ? last : Math.min(region.offset, last);
  const expected = { tag: region.tag, type: BYTES, offset, count: INDEX_ENTRY_SIZE };
  if (offset < 0 || !isSame(region, expected)) return differs("the region's entry", region, expected);
  const trailer = readIndexEntry(data, offset);
  const covered = -trailer.offset / INDEX_ENTRY_SIZE;
  const isWithin = !isWhole && Number.isInteger(covered) && covered >= 0 && covered <= entries;
  const expectedTrailer = {
    ...expected,
    tag: !isWhole && trailer.tag === OLD_REGION ? OLD_REGION : region.tag,
    offset: isWithin ? trailer.offset : -INDEX_ENTRY_SIZE * entries,
  };
  return isSame(trailer, expectedTrailer) ? undefined : differs("the region's trailer", trailer, expectedTrailer);
}

function entriesIssue(entries: readonly IndexEntry[], data: Buffer): string | undefined {
  let end = 0;
  for (const entry of entries) {
    const size = isEntry(entry, data) ? sizeOf(entry, data) : 0;
    if (entry.offset < end || size === 0 || entry.offset + size > data.length) {
      return `found ${format(entry)} after offset ${end}, expected a known type, and data within ${data.length} bytes`;
    }
    end = entry.offset + size;
  }
  return undefined;
}

function isEntry({ tag, type, offset, count }: IndexEntry, data: Buffer): boolean {
  const isKnown = type === TEXT || TEXT_LISTS.includes(type) || ITEM_SIZES.has(type);
  const isAligned = offset % (ITEM_SIZES.get(type) ?? 1) === 0;
  const isCounted = count >= 1 && count <= data.length && (type === BYTES || count <= ARRAY_LIMIT);
  return tag >= LOWEST_TAG && tag <= 0x7fffffff && isKnown && isAligned && isCounted && offset >= 0;
}

/** In bytes; 0 if a text has no end, or is a single one with another count. */
function sizeOf({ type, offset, count }: IndexEntry, data: Buffer): number {
  const size = ITEM_SIZES.get(type);
  if (size !== undefined) return size * count;
  if (type === TEXT && count !== 1) return 0;
  let end = offset;
  for (let text = 0; text < count; text++) {
    const zero = end < data.length ? data.indexOf(0, end) : -1;
    if (zero < 0) return 0;
    end = zero + 1;
  }
  return end - offset;
}

function isSame(found: IndexEntry, expected: IndexEntry): boolean {
  return (['tag', 'type', 'offset', 'count'] as const).every((key) => found[key] === expected[key]);
}

function differs(where: string, found: IndexEntry, expected: IndexEntry): string {
  return `${where}: found ${format(found)}, expected ${format(expected)}`;
}

function format({ tag, type, offset, count }: IndexEntry): string {
  return `tag ${tag}, type ${type}, offset ${offset}, count ${count}`;
}
