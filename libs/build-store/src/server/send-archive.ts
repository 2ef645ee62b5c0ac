// Sends an Nx archive: a file that is one, or the largest file of one with its frame (archive/archive-frame.ts).
import { open, type FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { decodeFrame, type ArchiveFrame } from '../archive/archive-frame.js';
import { StoredGzip, storedGzipSize } from '../archive/stored-gzip.js';
import { readPieces } from '../content/file-pieces.js';
import type { StoredArchive } from '../store/store.js';

export interface OpenArchive {
  source: FileHandle | Uint8Array;
  /** Of the file, in bytes. */
  size: number;
  /** undefined for a whole archive. */
  frame: ArchiveFrame | undefined;
}

/** @returns undefined if its frame is damaged. The caller sends what is returned, which closes the file */
export async function openArchive({ record, content }: StoredArchive): Promise<OpenArchive | undefined> {
  const frame = decodeFrame(record.attachments);
  if (frame === 'damaged') return undefined;
  if (typeof content !== 'string') return { source: content, size: content.length, frame };
  const file = await open(content);
  try {
    return { source: file, size: (await file.stat()).size, frame };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Rejects if the connection is closed, or if the file has changed. */
export async function sendArchive({ source, size, frame }: OpenArchive, response: ServerResponse): Promise<void> {
  try {
    if (frame === undefined) {
      writeHead(response, size);
      await forEachPiece(source, (piece) => write(response, [piece]));
    } else await sendTogether(source, frame, { response, bytes: frame.bytes.length + size });
    response.end();
  } finally {
    if (!(source instanceof Uint8Array)) await source.close();
  }
}

function forEachPiece(source: OpenArchive['source'], work: (piece: Uint8Array) => Promise<void>): Promise<void> {
  return source instanceof Uint8Array ? work(source) : readPieces(source, work);
}

async function sendTogether(
  source: OpenArchive['source'],
  { bytes: frame, offset }: ArchiveFrame,
  { response, bytes }: { response: ServerResponse; bytes: number },
): Promise<void> {
  const gzip = new StoredGzip(bytes);
  writeHead(response, storedGzipSize(bytes));
  await write(response, gzip.add(frame.subarray(0, offset)));
  await forEachPiece(source, (piece) => write(response, gzip.add(piece)));
  await write(response, [...gzip.add(frame.subarray(offset)), ...gzip.finish()]);
}

function writeHead(response: ServerResponse, size: number): void {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size });
}

/** Resolves when the pieces were written to the socket; rejects if the connection is closed. */
function write(response: ServerResponse, pieces: readonly Uint8Array[]): Promise<void> {
  return new Promise((done, fail) => {
    const gone = (): void => {
      fail(new Error('The connection is gone'));
    };
    const written = (error: Error | null | undefined): void => {
      response.off('close', gone);
      if (error == null) done();
      else fail(error);
    };
    response.once('close', gone);
    // One system call for all of them.
    response.cork();
    for (const piece of pieces.slice(0, -1)) response.write(piece);
    response.write(pieces.at(-1) ?? Buffer.alloc(0), written);
    response.uncork();
  });
}
