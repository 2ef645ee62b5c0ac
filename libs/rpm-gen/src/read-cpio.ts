/** Reads the archive inside an RPM: cpio "newc" (cpio(5)), or rpm's own form for files of 4 GiB and more; cpio.ts has both layouts. Pure. */
import { RpmError } from './errors.js';
import type { ListedFile } from './file-list.js';

/** Offsets and sizes of a newc header: magic 070701, then 13 numbers of 8 hex digits. */
export const NEWC = { magic: '070701', size: 110, fileSizeOffset: 54, nameSizeOffset: 94 };
/** rpm's own header: the magic and the file's index in the RPM's header, in hex. */
export const STRIPPED = { magic: '07070X', size: 14 };
export const MAGIC_SIZE = 6;
export const TRAILER = 'TRAILER!!!';

interface Member {
  path: string;
  start: number;
  end: number;
}

/**
 * Contents by absolute path, not copied.
 *
 * @param files - of the RPM's header, which names the members of rpm's own form
 * @throws RpmError `RPM_DAMAGED`
 */
export function parseCpio(archive: Buffer, files: readonly ListedFile[], subject: string): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  const sizes = strippedSizes(files);
  for (let offset = 0; ;) {
    const member = readMember(archive, offset, files, sizes);
    if (member === undefined || member.end > archive.length) throw unreadable(subject, offset);
    const { path, start, end } = member;
    if (path === TRAILER) return contents;
    contents.set(path, archive.subarray(start, end));
    offset = pad(end);
  }
}

/** In rpm's own form, by index: of a file with several names only the last has the content. */
export function strippedSizes(files: readonly ListedFile[]): number[] {
  const last = new Map<number, number>();
  files.forEach(({ kind, inode, isGhost }, index) => {
    if (kind === 'file' && !isGhost && inode !== 0) last.set(inode, index);
  });
  return files.map(({ kind, inode, size }, index) =>
    kind === 'file' && (last.get(inode) ?? index) !== index ? 0 : size,
  );
}

function readMember(
  archive: Buffer,
  offset: number,
  files: readonly ListedFile[],
  sizes: readonly number[],
): Member | undefined {
  const magic = archive.toString('latin1', offset, offset + MAGIC_SIZE);
  if (magic === STRIPPED.magic) {
    const index = readHex(archive, offset + MAGIC_SIZE);
    const [file, size = 0] = [files[index], sizes[index]];
    const start = pad(offset + STRIPPED.size);
    return file && { path: file.path, start, end: start + size };
  }
  if (magic !== NEWC.magic) return undefined;
  const { size, nameSize } = readNewc(archive, offset);
  const nameOffset = offset + NEWC.size;
  const start = pad(nameOffset + nameSize);
  const end = start + size;
  if (Number.isNaN(end)) return undefined;
  return { path: pathOf(archive.subarray(nameOffset, nameOffset + nameSize)), start, end };
}

/** The sizes in a newc header; NaN where there are none. */
export function readNewc(archive: Buffer, offset = 0): { size: number; nameSize: number } {
  return {
    size: readHex(archive, offset + NEWC.fileSizeOffset),
    nameSize: readHex(archive, offset + NEWC.nameSizeOffset),
  };
}

/** @param name - with the NUL at its end */
export function pathOf(name: Buffer): string {
  return name.toString('utf8', 0, name.length - 1).replace(/^\.(?=\/)/, '');
}

export function readHex(archive: Buffer, offset: number): number {
  const digits = archive.toString('latin1', offset, offset + 8);
  // parseInt accepts signs and blanks: a negative size would lead back to an earlier member.
  return /[0-9a-f]{8}/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
}

export function pad(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

export function unreadable(subject: string, offset: number): RpmError {
  const message = `the payload has no cpio member at byte ${offset}, expected one that ends within it. Build or fetch it again.`;
  return new RpmError('RPM_DAMAGED', subject, message);
}
