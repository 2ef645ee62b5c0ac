/**
 * The canonical wheel: the files of RECORD, sorted by the UTF-8 bytes of their names, stored, with fixed times and modes;
 * byte for byte what CPython's `zipfile.ZipFile` writes. So the same content has the same sha256 everywhere.
 */
import { createHash } from 'node:crypto';
import { distError } from '../dist-error.js';
import type { WheelEntry } from '../zip/zip-files.js';
import type { Wheel, WheelContent } from './wheel.js';
import { encodeCentralHeader, encodeEndRecords, encodeLocalHeader } from '../zip/zip-records.js';

/** Limit of data that are inflated in advance. */
const READ_AHEAD_BYTES = 4 * 1024 * 1024;

/** Digest (hexadecimal) and size (bytes) of a canonical wheel. */
export interface CanonicalWheelSummary {
  readonly sha256: string;
  readonly size: number;
}

export type CanonicalContent = Pick<WheelContent, 'data' | 'crc32'> & { readonly entry: WheelEntry };

/** Encodes a canonical wheel piece by piece; holds the central directory, never the data. */
export class CanonicalWheelEncoder {
  readonly #entries: readonly WheelEntry[];
  readonly #directory: Buffer[] = [];
  #offset = 0;

  /** Throws `DIST_CANONICAL_WHEEL_ORDER` unless the entries are sorted by the UTF-8 bytes of their names, without duplicates. */
  constructor(entries: readonly WheelEntry[]) {
    this.#entries = entries;
    const names = entries.map(({ name }) => Buffer.from(name));
    for (const [index, name] of names.entries()) {
      const previous = names[index - 1];
      if (previous === undefined || Buffer.compare(previous, name) < 0) continue;
      throw misplaced(
        name.toString(),
        'is out of order or a duplicate',
        'expected names in the order of their UTF-8 bytes',
      );
    }
  }

  /** The bytes of the next entry; `crc32` is that of `data`. */
  add(entry: WheelEntry, data: Uint8Array, crc32: number): Uint8Array[] {
    const expected = this.#entries[this.#directory.length];
    if (expected?.name !== entry.name) {
      throw misplaced(entry.name, 'is out of order', `expected ${expected?.name ?? 'no more files'}`);
    }
    if (data.length !== expected.size) {
      throw misplaced(entry.name, `has ${data.length} bytes`, `expected ${expected.size}`);
    }
    const header = encodeLocalHeader({ ...expected, crc32 });
    this.#directory.push(encodeCentralHeader({ ...expected, crc32 }, this.#offset));
    this.#offset += header.length + data.length;
    return [header, data];
  }

  /** The bytes after the last entry. */
  finish(): Uint8Array[] {
    const missing = this.#entries[this.#directory.length];
    if (missing !== undefined) throw misplaced(missing.name, 'is missing', 'expected every file before the end');
    const size = this.#directory.reduce((sum, { length }) => sum + length, 0);
    return [...this.#directory, encodeEndRecords(this.#directory.length, size, this.#offset)];
  }
}

/** The sha256 and size of a canonical wheel, without writing it. */
export class CanonicalWheelDigest {
  readonly #encoder: CanonicalWheelEncoder;
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor(entries: readonly WheelEntry[]) {
    this.#encoder = new CanonicalWheelEncoder(entries);
  }

  /** The next entry, in order; `crc32` is that of `data`. */
  add(entry: WheelEntry, data: Uint8Array, crc32: number): void {
    this.#take(this.#encoder.add(entry, data, crc32));
  }

  finish(): CanonicalWheelSummary {
    this.#take(this.#encoder.finish());
    return { sha256: this.#hash.digest('hex'), size: this.#size };
  }

  #take(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#hash.update(piece);
      this.#size += piece.length;
    }
  }
}

/** Size of a canonical wheel in bytes, without reading its files. */
export function canonicalWheelSize(entries: readonly WheelEntry[]): number {
  let offset = 0;
  let directory = 0;
  for (const entry of entries) {
    directory += encodeCentralHeader({ ...entry, crc32: 0 }, offset).length;
    offset += encodeLocalHeader({ ...entry, crc32: 0 }).length + entry.size;
  }
  return offset + directory + encodeEndRecords(entries.length, directory, offset).length;
}

/** The chunks of a canonical wheel, for writing one to disk. Holds one file's data at a time. */
export async function* encodeCanonicalWheel(
  entries: readonly WheelEntry[],
  contents: AsyncIterable<CanonicalContent> | Iterable<CanonicalContent>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new CanonicalWheelEncoder(entries);
  for await (const { entry, data, crc32 } of contents) yield* encoder.add(entry, data, crc32);
  yield* encoder.finish();
}

/** Reads and verifies the files of a wheel in canonical order. The next files are inflated while one is used. */
export async function* readContents(
  wheel: Pick<Wheel, 'entries' | 'read'>,
): AsyncGenerator<WheelContent & { readonly entry: WheelEntry }, void, undefined> {
  const ahead: Promise<WheelContent>[] = [];
  let started = 0;
  let bytesAhead = 0;
  for (const entry of wheel.entries) {
    while (bytesAhead <= READ_AHEAD_BYTES) {
      const next = wheel.entries[started++];
      if (next === undefined) break;
      const content = wheel.read(next);
      // Prevents an unhandled rejection: the error is thrown when the file is reached, unless an earlier one fails.
      content.catch(() => undefined);
      ahead.push(content);
      bytesAhead += next.size;
    }
    const { data, sha256, crc32 } = await (ahead.shift() ?? wheel.read(entry));
    bytesAhead -= entry.size;
    yield { entry, data, sha256, crc32 };
  }
}

function misplaced(subject: string, found: string, expected: string) {
  return distError(subject, 'DIST_CANONICAL_WHEEL_ORDER', [`${found} in the canonical wheel`, expected]);
}
