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
const TRAILER: RpmFile = {
  path: 'TRAILER!!!',
  kind: 'file',
  mode: 0,
  target: '',
  size: 0,
  user: '',
  group: '',
  mtime: 0,
  flags: 0,
};

export interface CpioMember {
  file: RpmFile;
  header: string;
  headerOffset: number;
  dataOffset: number;
}

export interface CpioLayout {
  members: CpioMember[];
  /** Bytes, trailer included. */
  size: number;
}

/** Where each member of the archive goes; ghosts have none. `large` chooses rpm's own form. */
export function planCpio(files: readonly RpmFile[], large: boolean): CpioLayout {
  const members: CpioMember[] = [];
  let end = 0;
  const place = (file: RpmFile, header: string) => {
    const dataOffset = pad(end + Buffer.byteLength(header));
    members.push({ file, header, headerOffset: end, dataOffset });
    end = pad(dataOffset + file.size);
  };
  files.forEach((file, index) => {
    if (file.kind !== 'ghost') place(file, large ? formatStripped(index) : formatNewc(file, `.${file.path}`));
  });
  place(TRAILER, formatNewc(TRAILER, TRAILER.path));
  return { members, size: end };
}

/** True when a file's size needs rpm's own form. */
export function isLarge(files: readonly RpmFile[]): boolean {
  return files.some((file) => file.size > 0xffffffff);
}

/** The inode stays 0: rpm uses the header's, and numbers that shift with every added file would make deltas larger. */
function formatNewc({ mode, mtime, size }: RpmFile, name: string): string {
  const fields = [0, mode, 0, 0, 1, mtime, size, 0, 0, 0, 0, Buffer.byteLength(name) + 1, 0];
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
