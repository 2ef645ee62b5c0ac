// Reads METADATA from a wheel on an index that does not serve it separately, by range requests for the zip's directory and for that file. The pieces
// are written to a sparse file, which the strict zip reader reads; uv's own reader would inflate METADATA without a limit.
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distError, throwIssues } from '../dist-error.js';
import { MIB, raiseLimit } from '../limits/limits.js';
import { PositionedFile } from '../zip/positioned-file.js';
import { readRegion, readZipData } from '../zip/zip-data.js';
import { findZipDirectory, readZipDirectory, type ZipDirectory, type ZipEntry } from '../zip/zip-directory.js';
import { unreachable, type IndexResponse } from './index-response.js';
import type { IndexTransport } from './index-transport.js';
import type { IndexFile } from './simple-page.js';

/** Holds the end records and the directory of most wheels. */
const TAIL_BYTES = 128 * 1024;
/** A local header without its name. */
const HEADER_BYTES = 30;
const MAX_EXTRA_BYTES = 65_535;

/** @throws DistError `DIST_INDEX_*`, `DIST_WHEEL_*`, `DIST_METADATA_INVALID` */
export async function readMetadataByRange(transport: IndexTransport, file: IndexFile): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-range-'));
  try {
    const path = join(folder, 'wheel');
    const handle = await open(path, 'wx');
    const pieces = new RangeFile(transport, file, handle);
    try {
      await pieces.fetchTail();
      return await readMetadata(pieces, path);
    } finally {
      await handle.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readMetadata(pieces: RangeFile, path: string): Promise<string> {
  const { name } = pieces.file;
  const limits = pieces.transport.limits;
  const wheel = new PositionedFile(path, name);
  try {
    const start = findZipDirectory(wheel);
    if (start < pieces.from) await pieces.fetch(start, pieces.from);
    const directory = await readZipDirectory(wheel, limits);
    const entry = metadataEntry(directory, name);
    if (Math.max(entry.size, entry.compressedSize) > limits.metadataMiB * MIB) {
      throw distError(name, 'DIST_WHEEL_TOO_LARGE', [
        `METADATA has ${entry.size} bytes`,
        raiseLimit('metadataMiB', limits),
      ]);
    }
    const end = entry.headerOffset + HEADER_BYTES + entry.rawName.length + MAX_EXTRA_BYTES + entry.compressedSize;
    if (entry.headerOffset < pieces.from) await pieces.fetch(entry.headerOffset, Math.min(end, pieces.from));
    const { region, issues } = readRegion(wheel, directory, entry, 'METADATA');
    throwIssues(name, issues);
    if (region === undefined) throw new TypeError('a region is missing without an issue');
    return readZipData(wheel, region, entry, 'METADATA').toString('utf8');
  } finally {
    wheel.close();
  }
}

function metadataEntry({ entries }: ZipDirectory, subject: string): ZipEntry {
  const found = entries.filter(({ rawName }) => /^[^/]+\.dist-info\/METADATA$/.test(rawName.toString('latin1')));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw distError(subject, 'DIST_METADATA_INVALID', `has ${found.length} METADATA files, expected one`);
}

/** The file on the index and its pieces on disk. */
class RangeFile {
  /** Everything from this offset to the end has been fetched. */
  from = 0;

  constructor(
    readonly transport: IndexTransport,
    readonly file: IndexFile,
    readonly handle: FileHandle,
  ) {}

  /** Fetches the end of the file, or the whole file from a server without ranges. */
  async fetchTail(): Promise<void> {
    const response = await this.#open(`bytes=-${TAIL_BYTES}`);
    if (response.status === 200) return this.#write(response, 0);
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(response.headers['content-range'])) ?? [];
    if (response.status !== 206 || from === undefined || total === undefined) {
      response.close();
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
    const applied = { seconds: 'fileSeconds', size: 'fileMiB' } as const;
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
