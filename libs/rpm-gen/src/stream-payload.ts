/** The payload: a cpio archive of the files' contents, compressed, and the digests that the header carries for them. The archive goes through the compressor to a spool while the files are read. */
import { createHash } from 'node:crypto';
import { openCompressor, type Compressor } from '@pinpack/compression';
import { planArchive, packFiles, writeArchive, type PackedFile, type Sink } from './archive.js';
import { checkCompression, type Compression } from './compression.js';
import { sortEntries, type RpmEntry } from './entries.js';

/** The facts about a payload that the headers carry. */
export interface PayloadFacts {
  /** In the order of the archive, ghosts included. */
  files: PackedFile[];
  /** Bytes of the compressed archive. */
  size: number;
  /** Hex of the sha256 of the compressed archive. */
  digest: string;
  /** Bytes of the archive before compression. */
  archiveSize: number;
  /** Hex of the archive's sha256, by which rpm 4.16 and newer verify a payload that is no longer compressed. */
  archiveDigest?: string;
  compression: Compression;
  /** A file of 4 GiB or more is among them. */
  large: boolean;
}

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

export interface PayloadOptions {
  /** Default false. */
  archiveDigest?: boolean;
  /** For specs: the form for files past 4 GiB without such a file. */
  forceLarge?: boolean;
  /** Takes the archive, before compression. */
  look?: (piece: Uint8Array) => void;
}

/** Bytes of a file that is read into memory which is kept for the next one. */
const SPACE_LIMIT = 8 * 1024 * 1024;

/** Sorts the entries as rpmbuild does, and reads each file once in that order. Neither the archive nor a file with `stream` is ever in memory. */
export async function streamPayload(
  entries: readonly RpmEntry[],
  compression: Compression,
  spool: Spool,
  { archiveDigest = false, forceLarge = false, look }: PayloadOptions = {},
): Promise<PayloadFacts> {
  checkCompression(compression);
  const sorted = sortEntries(entries);
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
      space: (length) => {
        if (length > SPACE_LIMIT) return undefined;
        if (length > space.length) space = new Uint8Array(length);
        return space.subarray(0, length);
      },
      write: (piece) => {
        archive?.update(piece);
        look?.(piece);
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
