/**
 * The archive inside an RPM: cpio "newc" (cpio(5)), each member padded to 4 bytes.
 *
 *     offset size
 *       0     6   magic 070701
 *       6   8×13  inode, mode, uid, gid, links, mtime, file size, device major and minor, rdev major and minor, name size, checksum; in hex
 *     110         ./path, NUL, padding, data, padding
 *
 * Sizes past 32 bits don't fit. Then rpm's own form is used, which refers to the header: 07070X and the file's index there, in hex.
 */
import type { RpmFile } from './entries.js';

const ALIGNMENT = 4;
const TRAILER = { path: 'TRAILER!!!', mode: 0, mtime: 0, size: 0, device: 0, inode: 0, links: 1 };

export interface CpioMember {
  /** What its data are of: for the last name of a file with several, the file; for the others nothing. */
  content: RpmFile | undefined;
  header: string;
  headerOffset: number;
  dataOffset: number;
}

export interface CpioLayout {
  members: CpioMember[];
  /** Bytes, trailer included. */
  size: number;
}

/**
 * Where each member of the archive goes; ghosts have none. As rpmbuild does, files with several names come last, and the data with the last of the names.
 * `large` chooses rpm's own form.
 */
export function planCpio(files: readonly RpmFile[], large: boolean): CpioLayout {
  const members: CpioMember[] = [];
  let end = 0;
  const place = (header: string, content?: RpmFile) => {
    const dataOffset = pad(end + Buffer.byteLength(header));
    members.push({ content, header, headerOffset: end, dataOffset });
    end = pad(dataOffset + (content?.size ?? 0));
  };
  const placeFile = (file: RpmFile, content?: RpmFile) => {
    const size = content?.size ?? 0;
    place(
      large
        ? formatStripped(file.index)
        : formatNewc({ ...file, size }, file.path.startsWith('/') ? `.${file.path}` : file.path),
      content,
    );
  };
  const packed = files.filter(({ ghost }) => !ghost);
  for (const file of packed) if (file.links === 1) placeFile(file, file);
  for (const names of groupByInode(packed.filter(({ links }) => links > 1))) {
    const content = names.find(({ kind }) => kind === 'file');
    names.forEach((name, i) => {
      placeFile(name, i === names.length - 1 ? content : undefined);
    });
  }
  place(formatNewc(TRAILER, TRAILER.path));
  return { members, size: end };
}

function groupByInode(files: readonly RpmFile[]): RpmFile[][] {
  const groups = new Map<number, RpmFile[]>();
  for (const file of files) {
    const group = groups.get(file.inode);
    if (group === undefined) groups.set(file.inode, [file]);
    else group.push(file);
  }
  return [...groups.values()];
}

/** True when a file's size needs rpm's own form. */
export function isLarge(files: readonly RpmFile[]): boolean {
  return files.some((file) => file.size > 0xffffffff);
}

/** The inode of a file with one name is 0: rpm uses the header's, and numbers that shift with every added file would make deltas larger. */
function formatNewc(file: Omit<typeof TRAILER, 'path'>, name: string): string {
  const { mode, mtime, size, links, device } = file;
  const inode = links > 1 ? file.inode : 0;
  const fields = [
    inode,
    mode,
    0,
    0,
    links,
    mtime,
    size,
    0,
    0,
    device >> 8,
    device & 0xff,
    Buffer.byteLength(name) + 1,
    0,
  ];
  return `070701${fields.map(hex).join('')}${name}\0`;
}

function formatStripped(index: number): string {
  return `07070X${hex(index)}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function pad(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
