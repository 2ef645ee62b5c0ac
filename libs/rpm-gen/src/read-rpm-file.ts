/** Reads RPMs of any size from a file: the headers are in memory, the payload comes in pieces. */
import { open, type FileHandle } from 'node:fs/promises';
import { ByteReader } from './byte-reader.js';
import { checkContentPieces } from './check-payload.js';
import { decompressStream } from './decompress.js';
import { RpmError } from './errors.js';
import { listFiles, type ListedFile } from './file-list.js';
import { DATA_LIMIT, HEADER_INTRO_SIZE, HEADER_MAGIC, INDEX_ENTRY_SIZE, INDEX_LIMIT } from './header.js';
import { LEAD_SIZE } from './lead.js';
import { archiveSizeOf } from './read-payload.js';
import { readHead, type ReadRpm } from './read.js';
import { streamCpio, type CpioFile } from './stream-cpio.js';

const PIECE = 1024 * 1024;

export interface StreamedFile extends Pick<ListedFile, 'path' | 'kind' | 'mode' | 'mtime' | 'size'> {
  /** Of a symlink. */
  target?: string;
  /** Of another name of a file that came before: the path of that. */
  linkTo?: string;
  /** Of a file. Read it before the next file is asked for; what is left is passed over. */
  content?: AsyncIterable<Buffer>;
}

export interface OpenRpm {
  read: ReadRpm;
  /** The file up to the payload. */
  head: Buffer;
  /** Bytes of the file. */
  size: number;
  /**
   * The files in the order of the archive; ghosts are left out. The payload is compared with the header's digests before, so the file is read twice.
   *
   * @throws RpmError `RPM_DAMAGED`
   */
  files: () => AsyncGenerator<StreamedFile, void, undefined>;
  close: () => Promise<void>;
}

/** The caller closes it. @throws RpmError `RPM_DAMAGED`, `RPM_UNSUPPORTED`; Error of the system */
export async function openRpmFile(path: string, subject = path): Promise<OpenRpm> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = await readHeadBytes(file, size, subject);
    const read = readHead(head, size, subject);
    const close = (): Promise<void> => file.close();
    return { read, head, size, files: () => streamFiles({ file, read, head }, subject), close };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What the sizes in the headers say. Damaged ones end it early: the decoder reports them. */
async function readHeadBytes(file: FileHandle, size: number, subject: string): Promise<Buffer> {
  let head = await readAt(file, 0, LEAD_SIZE);
  for (const alignment of [8, 1]) {
    const start = head.length;
    head = Buffer.concat([head, await readAt(file, start, HEADER_INTRO_SIZE)]);
    if (head.length < start + HEADER_INTRO_SIZE || head.readUInt32BE(start) !== HEADER_MAGIC) return head;
    const indexSize = head.readUInt32BE(start + 8) * INDEX_ENTRY_SIZE;
    const dataSize = head.readUInt32BE(start + 12);
    const end = Math.ceil((head.length + indexSize + dataSize) / alignment) * alignment;
    if (end > size || indexSize > INDEX_LIMIT * INDEX_ENTRY_SIZE || dataSize > DATA_LIMIT) {
      const message = `the header ends at offset ${end}, but the file has ${size} bytes. The file is damaged or no RPM: build or fetch it again.`;
      throw new RpmError('RPM_DAMAGED', subject, message);
    }
    head = Buffer.concat([head, await readAt(file, head.length, end - head.length)]);
  }
  return head;
}

/** Fewer bytes at the end of the file. */
async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, position);
  return buffer.subarray(0, bytesRead);
}

interface Source {
  file: FileHandle;
  read: ReadRpm;
  head: Buffer;
}

async function* streamFiles(source: Source, subject: string): AsyncGenerator<StreamedFile, void, undefined> {
  const { file, read, head } = source;
  const payload = (): AsyncIterable<Buffer> => piecesFrom(file, read.payloadOffset);
  await checkContentPieces(read, { head: head.subarray(read.headerOffset), payload }, subject);
  const files = listFiles(read.header);
  const archive = decompressStream(
    {
      compressor: read.header.PAYLOADCOMPRESSOR,
      start: await readAt(file, read.payloadOffset, 2),
      pieces: payload(),
      size: archiveSizeOf(read, files),
    },
    subject,
  );
  const reader = new ByteReader(archive);
  yield* joinFiles(files, streamCpio(reader, files, subject), subject);
  // What is behind the archive's last member is decompressed too, as its size is compared.
  await reader.finish();
}

async function* piecesFrom(file: FileHandle, start: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = start; ;) {
    const piece = await readAt(file, at, PIECE);
    if (piece.length === 0) return;
    at += piece.length;
    yield piece;
  }
}

/** The header's list with the members of the archive: of a file with several names the last has the content, and the others wait for it. */
async function* joinFiles(
  files: readonly ListedFile[],
  members: AsyncIterable<CpioFile>,
  subject: string,
): AsyncGenerator<StreamedFile, void, undefined> {
  const missing = new Map(files.filter(({ isGhost }) => !isGhost).map((file) => [file.path, file]));
  const waiting = new Map<number, ListedFile[]>();
  for await (const { path, size, content } of members) {
    const file = missing.get(path);
    if (file === undefined) continue;
    missing.delete(path);
    if (file.kind !== 'file') {
      yield file.kind === 'symlink' ? { ...factsOf(file), target: file.target } : factsOf(file);
      continue;
    }
    if (size === 0 && file.size > 0 && file.inode !== 0) {
      const names = waiting.get(file.inode) ?? [];
      names.push(file);
      waiting.set(file.inode, names);
      continue;
    }
    if (size !== file.size) throw damaged(subject, `${path} has ${size} bytes in the payload, expected ${file.size}`);
    yield { ...factsOf(file), content };
    for (const other of waiting.get(file.inode) ?? []) yield { ...factsOf(other), linkTo: path };
    waiting.delete(file.inode);
  }
  const lost = [...missing.keys(), ...[...waiting.values()].flat().map(({ path }) => path)];
  if (lost.length > 0) throw damaged(subject, `the payload lacks ${lost.slice(0, 10).join(', ')}`);
}

function factsOf({ path, kind, mode, mtime, size }: ListedFile): StreamedFile {
  return { path, kind, mode, mtime, size };
}

function damaged(subject: string, message: string): RpmError {
  return new RpmError('RPM_DAMAGED', subject, `${message}. Build or fetch it again.`);
}
