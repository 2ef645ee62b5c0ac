// Reads the archive inside an RPM, as rpm2cpio gives it: cpio "newc" (cpio(5)). Pure.
import { RpmError } from './errors.js';

/** Offsets and sizes of a member's header: magic 070701, then 13 numbers of 8 hex digits. */
const HEADER = 110;
const SIZE_OFFSET = 54;
const NAME_OFFSET = 94;
const TRAILER = 'TRAILER!!!';

/** Contents by absolute path, not copied. @throws RpmError `RPM_DAMAGED` */
export function parseCpio(archive: Buffer, subject: string): Map<string, Buffer> {
  const contents = new Map<string, Buffer>();
  for (let offset = 0; ;) {
    const magic = archive.toString('latin1', offset, offset + 6);
    if (magic !== '070701') throw unreadable(subject, magic, offset);
    const size = number(archive, offset + SIZE_OFFSET);
    const nameSize = number(archive, offset + NAME_OFFSET);
    const name = archive.toString('utf8', offset + HEADER, offset + HEADER + nameSize - 1);
    if (name === TRAILER) return contents;
    const start = pad(offset + HEADER + nameSize);
    contents.set(name.replace(/^\./, ''), archive.subarray(start, start + size));
    offset = pad(start + size);
  }
}

function number(archive: Buffer, offset: number): number {
  return Number.parseInt(archive.toString('latin1', offset, offset + 8), 16);
}

function pad(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

function unreadable(subject: string, magic: string, offset: number): RpmError {
  // rpm's own form, for files of 4 GiB and more.
  const found =
    magic === '07070X'
      ? 'it has a file of 4 GiB or more'
      : `no member of a cpio archive at byte ${offset} of its payload`;
  return new RpmError('RPM_DAMAGED', subject, `${found}\n  expected an RPM with smaller files`);
}
