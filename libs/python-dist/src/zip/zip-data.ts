/** Reads the data of zip entries: local headers (APPNOTE.TXT 4.3.7) and inflating, limited to the declared size. */
import { promisify } from 'node:util';
import { crc32, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { DistError, type DistIssue, distError, issue } from '../dist-error.js';
import { inflateInto } from './inflate-into.js';
import { DAMAGED } from './unusable.js';
import type { PositionedFile } from './positioned-file.js';
import type { ZipDirectory, ZipEntry } from './zip-directory.js';

export const STORED = 0;
export const DEFLATED = 8;

const LOCAL_HEADER_BYTES = 30;
const UINT32_MAX = 2 ** 32 - 1;
/** Flag bit 3: CRC and sizes follow the data, with or without a signature, as 4 or 8 bytes each. */
const DATA_DESCRIPTOR = 0x8;
const DATA_DESCRIPTOR_BYTES: readonly number[] = [12, 16, 20, 24];
/** Encryption, data descriptor, UTF-8 names. */
const FLAGS_THAT_MATTER = 0x2849;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
/** Maximum compression ratio of deflate. */
const MAX_DEFLATE_RATIO = 1032;
/** From this size in bytes, inflating is worth the thread hop. */
const WORTH_A_THREAD = 128 * 1024;

/** A region of the file: a local header and its data. */
export interface ZipRegion {
  readonly start: number;
  readonly dataStart: number;
  readonly end: number;
}

/**
 * Reads the local header of an entry and finds its data.
 * Local header: 0 signature, 6 flags, 8 method, 26 length of the name, 28 length of the extra field, 30 name.
 */
export function readRegion(
  file: PositionedFile,
  { offset }: ZipDirectory,
  entry: ZipEntry,
  name: string,
): { region?: ZipRegion; issues: DistIssue[] } {
  const damaged = (found: string) => ({ issues: [issue('DIST_WHEEL_DAMAGED', `${name}: ${found}`)] });
  const start = entry.headerOffset;
  const header = file.read(start, LOCAL_HEADER_BYTES + entry.rawName.length);
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE) {
    return damaged(`there is no local header at offset ${start}`);
  }
  const nameBytes = header.readUInt16LE(26);
  if (!header.subarray(LOCAL_HEADER_BYTES, LOCAL_HEADER_BYTES + nameBytes).equals(entry.rawName)) {
    return damaged('the local header has another name');
  }
  if (header.readUInt16LE(8) !== entry.method) return damaged('the local header has another method');
  if (((header.readUInt16LE(6) ^ entry.flags) & FLAGS_THAT_MATTER) !== 0) {
    return damaged('the local header has other flags');
  }
  const dataStart = start + LOCAL_HEADER_BYTES + nameBytes + header.readUInt16LE(28);
  const end = dataStart + entry.compressedSize;
  if (end > offset) return damaged(`its ${entry.compressedSize} bytes overlap the central directory`);
  const extra = file.read(start + LOCAL_HEADER_BYTES + nameBytes, header.readUInt16LE(28));
  if (!hasSameSizes(header, extra, entry)) return damaged('the local header has another size or CRC');
  return { region: { start, dataStart, end }, issues: sizeIssues(entry, name) };
}

/**
 * Some readers use the sizes of the local headers, others those of the central directory. Local header: 14 CRC (4), 18 compressed size (4),
 * 22 size (4). A zip64 field (0x0001) replaces sizes of ffffffff: size (8), compressed size (8). With a data descriptor they may be 0.
 */
function hasSameSizes(header: Buffer, extra: Buffer, entry: ZipEntry): boolean {
  const [crc, compressedSize, size] = [header.readUInt32LE(14), header.readUInt32LE(18), header.readUInt32LE(22)];
  const zip64 = zip64Values(extra);
  const isDescribed = (entry.flags & DATA_DESCRIPTOR) !== 0;
  const matches = (found: number, expected: number): boolean => found === expected || (isDescribed && found === 0);
  const sizeFound = size === UINT32_MAX ? (zip64.shift() ?? size) : size;
  const compressedFound = compressedSize === UINT32_MAX ? (zip64.shift() ?? compressedSize) : compressedSize;
  return matches(crc, entry.crc32) && matches(sizeFound, entry.size) && matches(compressedFound, entry.compressedSize);
}

function zip64Values(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    return [0, 8].filter((start) => start + 8 <= field.length).map((start) => Number(field.readBigUInt64LE(start)));
  }
  return [];
}

type NamedRegion = ZipRegion & { readonly name: string; readonly zip: ZipEntry };

/**
 * Entries that share bytes of the file, as in zip bombs, and bytes between entries, in which readers that do not use the central directory would
 * find other entries.
 *
 * @param isCopy - whether the bytes from one offset to another are the copy of an entry that the directory lists twice
 */
export function layoutIssues(
  regions: readonly NamedRegion[],
  { offset }: ZipDirectory,
  isCopy: (start: number, end: number) => boolean,
): DistIssue[] {
  const sorted = regions.toSorted((left, right) => left.start - right.start);
  const first = sorted[0]?.start ?? 0;
  const following = [...sorted.slice(1).map(({ start, name }) => ({ start, name })), { start: offset, name: '' }];
  return [
    ...(first === 0 || isCopy(0, first) ? [] : [unusedBytes('before the first entry')]),
    ...sorted.flatMap(({ name, end, zip }, index) => {
      const next = following[index] ?? { start: end, name: '' };
      if (next.start < end) {
        return [issue('DIST_WHEEL_ENTRIES_OVERLAP', `${next.name} and ${name} share bytes of the zip`)];
      }
      const isDescribed = (zip.flags & DATA_DESCRIPTOR) !== 0;
      const allowed = isDescribed ? DATA_DESCRIPTOR_BYTES : [0];
      return allowed.includes(next.start - end) || isCopy(end, next.start) ? [] : [unusedBytes(`after ${name}`)];
    }),
  ];
}

function unusedBytes(place: string): DistIssue {
  return issue('DIST_WHEEL_DAMAGED', `the zip has bytes ${place} that belong to no entry`);
}

/** The data of an entry, checked against the declared size and CRC. Throws `DIST_WHEEL_DAMAGED`. */
export function readZipData(file: PositionedFile, region: ZipRegion, entry: ZipEntry, name: string): Buffer {
  const raw = readRaw(file, region, name);
  if (entry.method === STORED) return checkData(file, raw, entry, name);
  try {
    return checkData(file, inflateRawSync(raw, inflateOptions(entry)), entry, name);
  } catch (cause) {
    throw inflateError(file, entry, name, cause);
  }
}

/** As `readZipData`; large entries are inflated in the thread pool, so that the caller can use another core meanwhile. */
export async function inflateZipData(
  file: PositionedFile,
  region: ZipRegion,
  entry: ZipEntry,
  name: string,
): Promise<Buffer> {
  if (entry.method === STORED || entry.size < WORTH_A_THREAD) return readZipData(file, region, entry, name);
  const data = await inflateInPool(readRaw(file, region, name), inflateOptions(entry)).catch((cause: unknown) => {
    throw inflateError(file, entry, name, cause);
  });
  return checkData(file, data, entry, name);
}

/**
 * As `readZipData`, into memory of the caller.
 *
 * @param target - of the size that the directory declares
 */
export function readZipDataInto(file: PositionedFile, region: ZipRegion, entry: ZipEntry, target: ZipTarget): Buffer {
  const { name, space } = target;
  const data = Buffer.from(space.buffer, space.byteOffset, space.length);
  const readRawInto = (raw: Uint8Array): void => {
    if (file.readInto(raw, region.dataStart) !== raw.length) throw endsWithinData(file, name);
  };
  if (entry.method === STORED) readRawInto(data);
  else if (!inflateInto(region.end - region.dataStart, readRawInto, data)) {
    data.set(readZipData(file, region, entry, name));
    return data;
  }
  return checkData(file, data, entry, name);
}

export interface ZipTarget {
  readonly name: string;
  readonly space: Uint8Array;
}

const inflateInPool = promisify(inflateRaw) as (raw: Buffer, options: ZlibOptions) => Promise<Buffer>;

function readRaw(file: PositionedFile, { dataStart, end }: ZipRegion, name: string): Buffer {
  const raw = file.read(dataStart, end - dataStart);
  if (raw.length !== end - dataStart) throw endsWithinData(file, name);
  return raw;
}

function endsWithinData(file: PositionedFile, name: string): DistError {
  return damagedData(file, name, ['the file ends within its data']);
}

function checkData(file: PositionedFile, data: Buffer, entry: ZipEntry, name: string): Buffer {
  if (data.length !== entry.size) {
    throw damagedData(file, name, [`recorded ${entry.size} bytes, found ${data.length}`]);
  }
  const found = crc32(data);
  if (found !== entry.crc32) {
    throw damagedData(file, name, [`recorded CRC ${hex(entry.crc32)}, found CRC ${hex(found)}`]);
  }
  return data;
}

function sizeIssues({ method, size, compressedSize }: ZipEntry, name: string): DistIssue[] {
  const possible = method === STORED ? size === compressedSize : size <= compressedSize * MAX_DEFLATE_RATIO;
  if (possible || (method !== STORED && method !== DEFLATED)) return [];
  const found = `${name}: declares ${size} bytes, which its ${compressedSize} compressed bytes cannot hold`;
  return [issue('DIST_WHEEL_DAMAGED', found)];
}

function inflateError(file: PositionedFile, { size }: ZipEntry, name: string, cause: unknown): unknown {
  if (cause instanceof DistError) return cause;
  const tooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return damagedData(file, name, [tooLarge ? `recorded ${size} bytes, found more` : `deflate: ${reason}`], { cause });
}

/** A single chunk for the whole output. The extra byte prevents zlib from allocating a second chunk when the first is full. */
function inflateOptions({ size }: ZipEntry): ZlibOptions {
  return { maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size + 1, 64) };
}

function damagedData(file: PositionedFile, name: string, details: readonly string[], options?: ErrorOptions) {
  const lines = [`${name} does not match the zip's directory`, ...details, DAMAGED];
  return distError(file.subject, 'DIST_WHEEL_DAMAGED', lines, options);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
