// A wheel on an index of which only pieces are fetched, by range requests. The pieces are written to a sparse file, which the strict zip reader reads.
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distError, throwIssues } from '../dist-error.js';
import { MIB, raiseLimit } from '../limits/limits.js';
import { PositionedFile } from '../zip/positioned-file.js';
import { readRegion, readZipData } from '../zip/zip-data.js';
import { findZipDirectory, readZipDirectory, type ZipDirectory, type ZipEntry } from '../zip/zip-directory.js';
import type { ZippedWheel } from '../wheel/installed-facts.js';
import { unreachable, type IndexResponse } from './index-response.js';
import type { IndexTransport } from './index-transport.js';
import type { IndexFile } from './simple-page.js';

/** A local header without its name. */
const HEADER_BYTES = 30;
const MAX_EXTRA_BYTES = 65_535;

export interface RangeOptions {
  /** How much of the end is fetched first: it should hold the zip's directory. */
  tailBytes: number;
  /** Whether the whole file may be fetched from a server without ranges; otherwise that is an error, and time is limited as for a page. */
  mayFetchAll: boolean;
}

/** @throws DistError `DIST_INDEX_*`, `DIST_WHEEL_*` */
export async function withRangeWheel<Result>(
  transport: IndexTransport,
  file: IndexFile,
  options: RangeOptions,
  use: (wheel: ZippedWheel) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-range-'));
  try {
    const path = join(folder, 'wheel');
    const handle = await open(path, 'wx');
    const pieces = new RangeFile(transport, file, handle, options.mayFetchAll ? 'fileSeconds' : 'pageSeconds');
    try {
      await pieces.fetchTail(options);
      return await withDirectory(pieces, path, use);
    } finally {
      await handle.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withDirectory<Result>(
  pieces: RangeFile,
  path: string,
  use: (wheel: ZippedWheel) => Promise<Result>,
): Promise<Result> {
  const wheel = new PositionedFile(path, pieces.file.name);
  try {
    const start = findZipDirectory(wheel);
    if (start < pieces.from) await pieces.fetch(start, pieces.from);
    const directory = await readZipDirectory(wheel, pieces.transport.limits);
    return await use({
      directory,
      read: (entry, shown) => readEntry({ pieces, wheel, directory }, entry, shown),
      isAtHand: ({ headerOffset }) => headerOffset >= pieces.from,
    });
  } finally {
    wheel.close();
  }
}

async function readEntry(
  { pieces, wheel, directory }: { pieces: RangeFile; wheel: PositionedFile; directory: ZipDirectory },
  entry: ZipEntry,
  shown: string,
): Promise<Buffer> {
  const { name } = pieces.file;
  const { limits } = pieces.transport;
  if (Math.max(entry.size, entry.compressedSize) > limits.metadataMiB * MIB) {
    throw distError(name, 'DIST_WHEEL_TOO_LARGE', [
      `${shown} has ${entry.size} bytes`,
      raiseLimit('metadataMiB', limits),
    ]);
  }
  const end = entry.headerOffset + HEADER_BYTES + entry.rawName.length + MAX_EXTRA_BYTES + entry.compressedSize;
  if (entry.headerOffset < pieces.from) await pieces.fetch(entry.headerOffset, Math.min(end, pieces.from));
  const { region, issues } = readRegion(wheel, directory, entry, shown);
  throwIssues(name, issues);
  if (region === undefined) throw new TypeError('a region is missing without an issue');
  return readZipData(wheel, region, entry, shown);
}

/** The file on the index and its pieces on disk. */
class RangeFile {
  /** Everything from this offset to the end has been fetched. */
  from = 0;

  constructor(
    readonly transport: IndexTransport,
    readonly file: IndexFile,
    readonly handle: FileHandle,
    readonly seconds: 'fileSeconds' | 'pageSeconds',
  ) {}

  /** Fetches the end of the file, or the whole file from a server without ranges. */
  async fetchTail({ tailBytes, mayFetchAll }: RangeOptions): Promise<void> {
    const response = await this.#open(`bytes=-${tailBytes}`);
    if (response.status === 200 && mayFetchAll) return this.#write(response, 0);
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(response.headers['content-range'])) ?? [];
    if (response.status !== 206 || from === undefined || total === undefined) {
      response.close();
      if (!mayFetchAll) throw unreachable(this.file.url, 'has no ranges');
      // Some servers have ranges, but not from the end.
      return this.#write(await this.#open(undefined), 0);
    }
    this.from = Number(from);
    await this.handle.truncate(Number(total));
    await this.#write(response, this.from);
  }

  /** @param end - exclusive */
  async fetch(start: number, end: number): Promise<void> {
    await this.#write(await this.#open(`bytes=${start}-${end - 1}`), start, end - start);
  }

  #open(range: string | undefined): Promise<IndexResponse> {
    const applied = { seconds: this.seconds, size: 'fileMiB' } as const;
    return this.transport.open(this.file.url, { applied, headers: range === undefined ? {} : { range } });
  }

  async #write({ status, chunks, close }: IndexResponse, position: number, most = Infinity): Promise<void> {
    if (status !== 200 && status !== 206) {
      close();
      throw unreachable(this.file.url, `answered with status ${status}`);
    }
    let written = 0;
    for await (const piece of chunks()) {
      if (written + piece.length > most) throw unreachable(this.file.url, 'sent more bytes than the requested range');
      await this.handle.write(piece, 0, piece.length, position + written);
      written += piece.length;
    }
  }
}
