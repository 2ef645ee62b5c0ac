/** Writes the archive of a payload piece by piece: headers, padding and the contents of the files, each of which is read once. */
import { createHash } from 'node:crypto';
import { digest } from '@pinpack/common/digest';
import { isLarge, planCpio, type CpioLayout, type CpioMember } from './cpio.js';
import { completeEntries, type FileContent, type RpmEntry, type RpmFile } from './entries.js';
import { throwIssues } from './errors.js';

export interface PackedFile extends RpmFile {
  /** Hex of a file's content; empty for ghosts and what isn't a file. */
  sha256: string;
}

/** Takes the next bytes. They do not change afterwards. */
export type Sink = (piece: Uint8Array) => Promise<void> | void;

/** Where the archive is written. */
export interface ArchiveTarget {
  /** Takes the next bytes. They can change when it has resolved. */
  write: Sink;
  /** Memory for the next file, if there is any. Its content is written nevertheless. @param size - bytes */
  space: (size: number) => Uint8Array | undefined;
}

export interface ArchivePlan extends CpioLayout {
  files: RpmFile[];
  large: boolean;
}

/** @param entries - sorted, as by sortEntries */
export function planArchive(entries: readonly RpmEntry[], forceLarge = false): ArchivePlan {
  const files = completeEntries(entries);
  const large = forceLarge || isLarge(files);
  return { files, large, ...planCpio(files, large) };
}

/** @param digests - by inode, as `writeArchive` returns them */
export function packFiles(files: readonly RpmFile[], digests: ReadonlyMap<number, string>): PackedFile[] {
  return files.map((file) => ({ ...file, sha256: digests.get(file.inode) ?? '' }));
}

/** Digests of the files' contents in hex, by inode. @throws RpmError `RPM_CONTENT_MISMATCH` with every file */
export async function writeArchive(
  members: readonly CpioMember[],
  entries: readonly RpmEntry[],
  target: ArchiveTarget,
): Promise<Map<number, string>> {
  const digests = new Map<number, string>();
  const issues: string[] = [];
  let end = 0;
  const write = async (piece: Uint8Array, offset: number): Promise<void> => {
    // After a file of another size the archive is lost, and the rest is read for its issues only.
    if (issues.length > 0) return;
    if (offset > end) await target.write(Buffer.alloc(offset - end));
    if (piece.length > 0) await target.write(piece);
    end = offset + piece.length;
  };
  for (const { content: file, header, headerOffset, dataOffset } of members) {
    await write(Buffer.from(header), headerOffset);
    if (file?.kind === 'symlink') await write(Buffer.from(file.target), dataOffset);
    if (file?.kind !== 'file') continue;
    const content = await writeContent(file, entries[file.index], {
      write: (piece, at) => write(piece, dataOffset + at),
      space: () => (issues.length > 0 ? undefined : target.space(file.size)),
    });
    if (content === undefined) continue;
    digests.set(file.inode, content.sha256);
    if (content.size === file.size) continue;
    issues.push(`${JSON.stringify(file.path)}: found ${content.found} bytes, expected ${file.size}`);
  }
  const size = Math.ceil(end / 4) * 4;
  if (size > end) await write(new Uint8Array(), size);
  throwIssues(
    'RPM_CONTENT_MISMATCH',
    'payload',
    issues,
    'The files changed while they were read, or the list is of other files. Build it again.',
  );
  return digests;
}

interface ContentTarget {
  /** @param at - offset in the file */
  write: (piece: Uint8Array, at: number) => Promise<void>;
  space: () => Uint8Array | undefined;
}

interface WrittenContent {
  /** Bytes. */
  size: number;
  /** `size` as text for messages: reading stops at the first byte too many. */
  found: string;
  sha256: string;
}

async function writeContent(
  file: RpmFile,
  entry: RpmEntry | undefined,
  { write, space }: ContentTarget,
): Promise<WrittenContent | undefined> {
  if (entry?.stream !== undefined) return writeStream(file, entry.stream(), write);
  const content = await entry?.read?.(space());
  if (content === undefined) return undefined;
  const { length } = content.data;
  if (length !== file.size) return { size: length, found: String(length), sha256: '' };
  await write(content.data, 0);
  return { size: length, found: String(length), sha256: sha256Of(content) };
}

async function writeStream(
  file: RpmFile,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  write: ContentTarget['write'],
): Promise<WrittenContent> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of pieces) {
    if (size + piece.length > file.size) return { size: Infinity, found: `more than ${file.size}`, sha256: '' };
    hash.update(piece);
    await write(piece, size);
    size += piece.length;
  }
  return { size, found: String(size), sha256: hash.digest('hex') };
}

function sha256Of({ data, sha256 }: FileContent): string {
  return sha256 ?? digest('sha256', data).toString('hex');
}
