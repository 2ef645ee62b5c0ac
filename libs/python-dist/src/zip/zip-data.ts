/** Reads the data of zip entries: local headers (APPNOTE.TXT 4.3.7) and inflating, limited to the declared size. */
import { promisify } from 'node:util';
import { crc32, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { DistError, type DistIssue, distError, issue } from '../dist-error.js';
import type { PositionedFile } from './positioned-file.js';
import type { ZipDirectory, ZipEntry } from './zip-directory.js';

export const STORED = 0;
export const DEFLATED = 8;

const LOCAL_HEADER_BYTES = 30;
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
  const dataStart = start + LOCAL_HEADER_BYTES + nameBytes + header.readUInt16LE(28);
  const end = dataStart + entry.compressedSize;
  if (end > offset) return damaged(`its ${entry.compressedSize} bytes overlap the central directory`);
  return { region: { start, dataStart, end }, issues: sizeIssues(entry, name) };
}

/** Entries that share bytes of the file, as in zip bombs. */
export function overlapIssues(regions: readonly (ZipRegion & { readonly name: string })[]): DistIssue[] {
  const sorted = regions.toSorted((left, right) => left.start - right.start);
  return sorted.flatMap((region, index) => {
    const previous = sorted[index - 1];
    if (previous === undefined || previous.end <= region.start) return [];
    return [issue('DIST_WHEEL_ENTRIES_OVERLAP', `${region.name} and ${previous.name} share bytes of the zip`)];
  });
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

const inflateInPool = promisify(inflateRaw) as (raw: Buffer, options: ZlibOptions) => Promise<Buffer>;

function readRaw(file: PositionedFile, { dataStart, end }: ZipRegion, name: string): Buffer {
  const raw = file.read(dataStart, end - dataStart);
  if (raw.length !== end - dataStart) throw damagedData(file, name, ['the file ends within its data']);
  return raw;
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
  const lines = [
    `${name} does not match the zip's directory`,
    ...details,
    'The download or the cache is damaged. Download or build the wheel again',
  ];
  return distError(file.subject, 'DIST_WHEEL_DAMAGED', lines, options);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
