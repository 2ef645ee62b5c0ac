/** The payload: a cpio archive of the files' contents, compressed, and the digests that the header carries for them. */
import { constants } from 'node:buffer';
import { checkCompression, compress, type Compression } from './compression.js';
import { isLarge, planCpio, type CpioMember } from './cpio.js';
import { digest } from '@pinpack/common/digest';
import { completeEntries, sortEntries, type FileContent, type RpmEntry, type RpmFile } from './entries.js';
import { RpmError, throwIssues } from './errors.js';

export interface PackedFile extends RpmFile {
  /** Hex of a file's content; empty for ghosts and what isn't a file. */
  sha256: string;
}

export interface Payload {
  /** In the order of the archive, ghosts included. */
  files: PackedFile[];
  /** The compressed archive. */
  data: Uint8Array;
  /** Hex of the sha256 of `data`. */
  digest: string;
  /** Bytes of the archive before compression. */
  archiveSize: number;
  /** Hex of the archive's sha256, by which rpm 4.16 and newer verify a payload that is no longer compressed. */
  archiveDigest?: string;
  compression: Compression;
  /** A file of 4 GiB or more is among them. */
  large: boolean;
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
    digest: digest('sha256', data).toString('hex'),
    archiveSize: archive.data.length,
    ...(archiveDigest && { archiveDigest: digest('sha256', archive.data).toString('hex') }),
    compression,
    large: archive.large,
  };
}

/** `forceLarge` shows specs the form for files past 4 GiB without such a file. */
export async function readSorted(entries: readonly RpmEntry[], forceLarge = false): Promise<Archive> {
  const files = completeEntries(entries);
  const large = forceLarge || isLarge(files);
  const { members, size } = planCpio(files, large);
  if (size > constants.MAX_LENGTH) {
    const found = `the archive takes ${size} bytes, expected at most ${constants.MAX_LENGTH} on this Node`;
    throw new RpmError('RPM_TOO_LARGE', 'payload', `${found}. Split the package, or run a newer Node.`);
  }
  const data = Buffer.alloc(size);
  const digests = await writeMembers(data, members, entries);
  return { files: files.map((file) => ({ ...file, sha256: digests.get(file.inode) ?? '' })), data, large };
}

async function writeMembers(
  archive: Buffer,
  members: readonly CpioMember[],
  entries: readonly RpmEntry[],
): Promise<Map<number, string>> {
  /** By inode. */
  const digests = new Map<number, string>();
  const issues: string[] = [];
  for (const { content: file, header, headerOffset, dataOffset } of members) {
    archive.write(header, headerOffset);
    if (file?.kind === 'symlink') archive.write(file.target, dataOffset);
    if (file?.kind !== 'file') continue;
    const content = await entries[file.index]?.read?.();
    if (content === undefined) continue;
    if (content.data.length === file.size) {
      archive.set(content.data, dataOffset);
      digests.set(file.inode, sha256Of(content));
    } else {
      issues.push(`${JSON.stringify(file.path)}: found ${content.data.length} bytes, expected ${file.size}`);
    }
  }
  throwIssues(
    'RPM_CONTENT_MISMATCH',
    'payload',
    issues,
    'The files changed while they were read, or the list is of other files. Build it again.',
  );
  return digests;
}

function sha256Of({ data, sha256 }: FileContent): string {
  return sha256 ?? digest('sha256', data).toString('hex');
}
