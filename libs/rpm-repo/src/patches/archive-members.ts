/** The members of an RPM's archive as pieces of bytes: header, path, content and padding of each (cpio "newc", cpio(5)). Pure. */
export interface Member {
  path: string;
  start: number;
  /** The end of its padding. */
  end: number;
}

const NEWC = { magic: '070701', size: 110, fileSizeOffset: 54, nameSizeOffset: 94 };

/** @returns undefined if the archive has another form: that for files of 4 GiB and more */
export function listMembers(archive: Buffer): Member[] | undefined {
  const members: Member[] = [];
  for (let start = 0; start < archive.length;) {
    if (archive.toString('latin1', start, start + NEWC.magic.length) !== NEWC.magic) return undefined;
    const nameStart = start + NEWC.size;
    const nameSize = readHex(archive, start + NEWC.nameSizeOffset);
    const end = pad(pad(nameStart + nameSize) + readHex(archive, start + NEWC.fileSizeOffset));
    if (!(nameSize > 0) || !(end <= archive.length)) return undefined;
    members.push({ path: archive.toString('utf8', nameStart, nameStart + nameSize - 1), start, end });
    start = end;
  }
  return members;
}

function readHex(archive: Buffer, offset: number): number {
  return Number.parseInt(archive.toString('latin1', offset, offset + 8), 16);
}

function pad(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
