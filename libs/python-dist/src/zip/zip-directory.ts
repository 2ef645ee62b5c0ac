/** Reads the central directory of a zip file (APPNOTE.TXT 4.3.12 to 4.3.16) with yauzl, and compares it with the end records. */
import yauzl, { type Entry } from 'yauzl';
import { DistError, distError } from '../dist-error.js';
import { MIB, raiseLimit, type WheelLimits } from '../limits/limits.js';
import { DAMAGED } from './unusable.js';
import type { PositionedFile } from './positioned-file.js';

/** An entry of the central directory. Sizes and offsets are in bytes. */
export interface ZipEntry {
  readonly rawName: Buffer;
  /** The name of an Info-ZIP Unicode Path field (0x7075), which some readers prefer. */
  readonly unicodeName?: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly unixMode: number;
  readonly headerOffset: number;
}

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Offset of the central directory: entries must end before it. */
  readonly offset: number;
}

const CENTRAL_HEADER_BYTES = 46;
const END_RECORD_BYTES = 22;
const END_RECORD_SIGNATURE = Buffer.from('PK\x05\x06');
const MAX_COMMENT_BYTES = 65_535;
const ZIP64_LOCATOR_BYTES = 20;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;

/** Reads every entry. Throws `DIST_WHEEL_TRUNCATED`, `DIST_WHEEL_DAMAGED` or `DIST_WHEEL_TOO_LARGE`. */
export async function readZipDirectory(file: PositionedFile, limits: WheelLimits): Promise<ZipDirectory> {
  try {
    const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
    const zip = await yauzl.fromRandomAccessReaderPromise(new BlockReader(file), file.size, options);
    const entries: ZipEntry[] = [];
    const total = new SizeCheck(file, limits);
    let bytes = 0;
    for await (const entry of zip.eachEntry()) {
      entries.push(zipEntryOf(entry));
      total.add(entry.uncompressedSize);
      bytes += CENTRAL_HEADER_BYTES;
      bytes += entry.fileNameRaw.length + entry.extraFieldRaw.length + entry.fileCommentRaw.length;
    }
    return { entries, offset: checkedOffset(file, zip.comment.length, bytes) };
  } catch (cause) {
    throw cause instanceof DistError ? cause : unreadableZip(file.subject, cause);
  }
}

/** Below this size the ratio says nothing: a file of zeros compresses a thousandfold. */
const RATIO_APPLIES_ABOVE = 64 * MIB;

/** Node's digests take no more at a time. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Sums the declared sizes, which no entry can exceed when it is inflated. */
class SizeCheck {
  #bytes = 0;
  #count = 0;

  constructor(
    readonly file: PositionedFile,
    readonly limits: WheelLimits,
  ) {}

  add(size: number): void {
    this.#bytes += size;
    this.#count += 1;
    const { wheelMiB, wheelRatio, wheelFiles } = this.limits;
    if (this.#count > wheelFiles) this.#refuse(`has more than ${wheelFiles} entries`, 'wheelFiles');
    const shown = `${Math.ceil(this.#bytes / MIB)} MiB`;
    if (this.#bytes > wheelMiB * MIB) this.#refuse(`unpacks to at least ${shown}`, 'wheelMiB');
    const ratio = this.#bytes / this.file.size;
    if (this.#bytes > RATIO_APPLIES_ABOVE && ratio > wheelRatio) {
      this.#refuse(
        `unpacks to at least ${shown}, ${Math.round(ratio)} times its ${this.file.size} bytes`,
        'wheelRatio',
      );
    }
    if (size > MAX_FILE_BYTES) {
      const next = 'Split the file, or the package.';
      throw distError(this.file.subject, 'DIST_WHEEL_TOO_LARGE', [
        `has a file of ${size} bytes, expected at most ${MAX_FILE_BYTES}`,
        next,
      ]);
    }
  }

  #refuse(found: string, setting: keyof WheelLimits): never {
    throw distError(this.file.subject, 'DIST_WHEEL_TOO_LARGE', [found, raiseLimit(setting, this.limits)]);
  }
}

/** The published types leave out the second argument. */
type ReadCallback = (error: Error | null, bytesRead?: number) => void;

/** yauzl reads 46 bytes at a time, and in a damaged file at invalid positions. */
class BlockReader extends yauzl.RandomAccessReader {
  constructor(readonly file: PositionedFile) {
    super();
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: ReadCallback): void {
    try {
      const count = position > this.file.size ? 0 : this.file.readThroughBlock(position, length).copy(buffer, offset);
      callback(null, count);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

function zipEntryOf(entry: Entry): ZipEntry {
  const unicodePath = entry.extraFields.find(({ id }) => id === 0x7075)?.data.subarray(5);
  return {
    rawName: entry.fileNameRaw,
    ...(unicodePath === undefined ? {} : { unicodeName: unicodePath }),
    flags: entry.generalPurposeBitFlag,
    method: entry.compressionMethod,
    crc32: entry.crc32,
    compressedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    unixMode: entry.externalFileAttributes >>> 16,
    headerOffset: entry.relativeOffsetOfLocalHeader,
  };
}

/**
 * The offset of the central directory. Reads only the end of the file, which may be all that is there.
 *
 * @throws DistError `DIST_WHEEL_TRUNCATED`
 */
export function findZipDirectory(file: PositionedFile): number {
  const from = Math.max(0, file.size - END_RECORD_BYTES - MAX_COMMENT_BYTES);
  const tail = file.read(from, file.size - from);
  const at = tail.lastIndexOf(END_RECORD_SIGNATURE);
  if (at === -1 || at + END_RECORD_BYTES > tail.length) {
    throw unreadableZip(file.subject, 'found no end of central directory record');
  }
  const { offset } = readEnds(file, from + at);
  if (offset <= file.size) return offset;
  throw unreadableZip(file.subject, `the central directory is at ${offset}, but the file is truncated at ${file.size}`);
}

/**
 * Readers find the directory by its offset, by its size or from the end of the file. They only see the same entries
 * if all three match.
 */
function checkedOffset(file: PositionedFile, commentBytes: number, entriesBytes: number): number {
  const { offset, size, end } = readEnds(file, file.size - END_RECORD_BYTES - commentBytes);
  if (size === entriesBytes && offset + size === end) return offset;
  throw distError(file.subject, 'DIST_WHEEL_DAMAGED', [
    'the end record of the zip does not match the central directory',
    `recorded ${size} bytes at ${offset}, found entries of ${entriesBytes} bytes that end at ${end}`,
    'Zip readers would see different files.',
    DAMAGED,
  ]);
}

/**
 * End record: 12 size of the directory (4), 16 offset (4).
 * Zip64 end record: 40 size of the directory (8), 48 offset (8); its locator: 8 offset of that record (8).
 */
function readEnds(file: PositionedFile, endRecordOffset: number): { offset: number; size: number; end: number } {
  const locator = file.read(Math.max(0, endRecordOffset - ZIP64_LOCATOR_BYTES), ZIP64_LOCATOR_BYTES);
  if (endRecordOffset >= ZIP64_LOCATOR_BYTES && locator.readUInt32LE(0) === ZIP64_LOCATOR_SIGNATURE) {
    const end = Number(locator.readBigUInt64LE(8));
    const record = file.read(end, 56);
    if (record.length < 56) throw unreadableZip(file.subject, 'the zip64 end record is truncated');
    return { size: Number(record.readBigUInt64LE(40)), offset: Number(record.readBigUInt64LE(48)), end };
  }
  const record = file.read(endRecordOffset, END_RECORD_BYTES);
  return { size: record.readUInt32LE(12), offset: record.readUInt32LE(16), end: endRecordOffset };
}

function unreadableZip(subject: string, cause: unknown): DistError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const truncated = /truncated|EOF|end of central directory/i.test(reason);
  return distError(
    subject,
    truncated ? 'DIST_WHEEL_TRUNCATED' : 'DIST_WHEEL_DAMAGED',
    [truncated ? 'is not a zip file, or is truncated' : 'the zip structure is damaged', reason, DAMAGED],
    { cause },
  );
}
