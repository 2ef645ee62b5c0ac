/** The payload: a cpio archive of the files' contents, compressed, and the digests that the header carries for them. */
import { constants } from 'node:buffer';
import { checkCompression, compress, type Compression } from './compression.js';
import { digest } from '@pinpack/common/digest';
import { packFiles, planArchive, writeArchive, type PackedFile } from './archive.js';
import { sortEntries, type RpmEntry } from './entries.js';
import { RpmError } from './errors.js';

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

export interface Payload extends PayloadFacts {
  /** The compressed archive. */
  data: Uint8Array;
}

export interface PayloadOptions {
  /** Default false. */
  archiveDigest?: boolean;
}

/** The archive as it is in memory, before compression. */
export interface Archive extends Pick<Payload, 'files' | 'large'> {
  data: Buffer;
}

/** Sorts the entries as rpmbuild does, reads each file once in that order, and compresses. At most one archive is in memory, plus its compressed form. */
export async function packPayload(
  entries: readonly RpmEntry[],
  compression: Compression,
  options: PayloadOptions = {},
): Promise<Payload> {
  checkCompression(compression);
  return compressArchive(await readArchive(entries), compression, options);
}

/** The first half of `packPayload`, which keeps this thread busy. */
export function readArchive(entries: readonly RpmEntry[]): Promise<Archive> {
  return readSorted(sortEntries(entries));
}

/** The second half of `packPayload`, which keeps another thread busy: the caller can read the next archive meanwhile. */
export async function compressArchive(
  archive: Archive,
  compression: Compression,
  { archiveDigest = false }: PayloadOptions = {},
): Promise<Payload> {
  const data = await compress(archive.data, compression);
  return {
    files: archive.files,
    data,
    size: data.length,
    digest: digest('sha256', data).toString('hex'),
    archiveSize: archive.data.length,
    ...(archiveDigest && { archiveDigest: digest('sha256', archive.data).toString('hex') }),
    compression,
    large: archive.large,
  };
}

/** `forceLarge` shows specs the form for files past 4 GiB without such a file. */
export async function readSorted(entries: readonly RpmEntry[], forceLarge = false): Promise<Archive> {
  const { files, large, members, size } = planArchive(entries, forceLarge);
  if (size > constants.MAX_LENGTH) {
    const found = `the archive takes ${size} bytes, expected at most ${constants.MAX_LENGTH} on this Node`;
    throw new RpmError('RPM_TOO_LARGE', 'payload', `${found}. Split the package, or run a newer Node.`);
  }
  const data = Buffer.alloc(size);
  let end = 0;
  const digests = await writeArchive(members, entries, {
    space: (offset, length) => data.subarray(offset, offset + length),
    write: (piece) => {
      // Content that was read into its place is there.
      if (piece.buffer !== data.buffer) data.set(piece, end);
      end += piece.length;
    },
  });
  return { files: packFiles(files, digests), data, large };
}
