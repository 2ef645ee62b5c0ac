/** Writes payloads without holding them: the archive goes through the compressor to a spool while the files are read. */
import { createHash } from 'node:crypto';
import { openCompressor, type Compressor } from '@pinpack/compression';
import { planArchive, packFiles, writeArchive, type Sink } from './archive.js';
import { checkCompression, type Compression } from './compression.js';
import { sortEntries, type RpmEntry } from './entries.js';
import type { PayloadFacts, PayloadOptions } from './payload.js';

/** Keeps the compressed payload until the headers, which come before it, are known. */
export interface Spool {
  write: Sink;
  /** From the start, as often as needed. */
  read: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export class MemorySpool implements Spool {
  private readonly pieces: Uint8Array[] = [];

  write(piece: Uint8Array): void {
    this.pieces.push(piece);
  }

  read(): Uint8Array[] {
    return this.pieces;
  }
}

export interface StreamOptions extends PayloadOptions {
  /** For specs: the form for files past 4 GiB without such a file. */
  forceLarge?: boolean;
}

/** As `packPayload`, with the same bytes, for any size: neither the archive nor a file with `stream` is ever in memory. */
export function streamPayload(
  entries: readonly RpmEntry[],
  compression: Compression,
  spool: Spool,
  options: StreamOptions = {},
): Promise<PayloadFacts> {
  return streamSorted(sortEntries(entries), compression, spool, options);
}

/** Bytes of a file that is read into memory which is kept for the next one. */
const SPACE_LIMIT = 8 * 1024 * 1024;

/** @param sorted - as by sortEntries */
export async function streamSorted(
  sorted: readonly RpmEntry[],
  compression: Compression,
  spool: Spool,
  { archiveDigest = false, forceLarge = false }: StreamOptions = {},
): Promise<PayloadFacts> {
  checkCompression(compression);
  const { files, large, members, size: archiveSize } = planArchive(sorted, forceLarge);
  const archive = archiveDigest ? createHash('sha256') : undefined;
  const packed = createHash('sha256');
  let size = 0;
  const compressor = await open(compression, async (piece) => {
    packed.update(piece);
    size += piece.length;
    await spool.write(piece);
  });
  try {
    let space = new Uint8Array();
    const digests = await writeArchive(members, sorted, {
      space: (_offset, length) => {
        if (length > SPACE_LIMIT) return undefined;
        if (length > space.length) space = new Uint8Array(length);
        return space.subarray(0, length);
      },
      write: (piece) => {
        archive?.update(piece);
        return compressor.write(piece);
      },
    });
    await compressor.end();
    return {
      files: packFiles(files, digests),
      size,
      digest: packed.digest('hex'),
      archiveSize,
      ...(archive !== undefined && { archiveDigest: archive.digest('hex') }),
      compression,
      large,
    };
  } finally {
    await compressor.close();
  }
}

function open(compression: Compression, sink: Sink): Promise<Compressor> {
  return compression.kind === 'none'
    ? Promise.resolve(plain(sink))
    : openCompressor(compression.kind, compression.level, sink);
}

function plain(sink: Sink): Compressor {
  const nothing = (): Promise<void> => Promise.resolve();
  // The sink keeps what it gets.
  return { write: async (piece) => sink(Buffer.from(piece)), end: nothing, close: nothing };
}
