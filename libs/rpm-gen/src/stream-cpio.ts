/** Reads the archive inside an RPM member by member, as `parseCpio` does from memory: cpio.ts has the layouts. */
import type { ByteReader } from './byte-reader.js';
import type { ListedFile } from './file-list.js';
import {
  MAGIC_SIZE,
  NEWC,
  pad,
  pathOf,
  readHex,
  readNewc,
  STRIPPED,
  strippedSizes,
  TRAILER,
  unreadable,
} from './read-cpio.js';

/** PATH_MAX of Linux with its NUL, and `.` before it. */
const LONGEST_NAME = 4096 + 1;

export interface CpioFile {
  path: string;
  /** Bytes. */
  size: number;
  /** Valid until the next file is asked for. */
  content: AsyncIterable<Buffer>;
}

/** @throws RpmError `RPM_DAMAGED` */
export async function* streamCpio(
  reader: ByteReader,
  files: readonly ListedFile[],
  subject: string,
): AsyncGenerator<CpioFile, void, undefined> {
  const readHead = headReader(reader, files);
  for (;;) {
    const start = reader.offset;
    const head = await readHead();
    await skipPadding(reader);
    if (head === undefined) throw unreadable(subject, start);
    if (head.path === TRAILER) return;
    const end = reader.offset + head.size;
    yield { ...head, content: reader.pieces(head.size) };
    await reader.skip(end - reader.offset);
    if (reader.offset < end) throw unreadable(subject, start);
    await skipPadding(reader);
  }
}

type Head = Pick<CpioFile, 'path' | 'size'>;

function headReader(reader: ByteReader, files: readonly ListedFile[]): () => Promise<Head | undefined> {
  const sizes = strippedSizes(files);
  return async () => {
    const magic = (await reader.take(MAGIC_SIZE)).toString('latin1');
    if (magic === STRIPPED.magic) {
      const index = readHex(await reader.take(STRIPPED.size - MAGIC_SIZE), 0);
      const file = files[index];
      return file && { path: file.path, size: sizes[index] ?? 0 };
    }
    if (magic !== NEWC.magic) return undefined;
    const { size, nameSize } = readNewc(Buffer.concat([Buffer.from(magic), await reader.take(NEWC.size - MAGIC_SIZE)]));
    if (Number.isNaN(size) || !(nameSize <= LONGEST_NAME)) return undefined;
    const name = await reader.take(nameSize);
    return name.length === nameSize ? { path: pathOf(name), size } : undefined;
  };
}

async function skipPadding(reader: ByteReader): Promise<void> {
  await reader.skip(pad(reader.offset) - reader.offset);
}
