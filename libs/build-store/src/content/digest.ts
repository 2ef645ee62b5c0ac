// Content is digested while it streams by: nothing is wholly in memory, and nothing is used before its digest is known.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { addAbortSignal, Readable } from 'node:stream';
import { PieceWriter, readPieces } from './file-pieces.js';
import { StoreError } from '../store-error.js';

export interface Digested {
  /** Bytes. */
  size: number;
  /** In hex. */
  sha256: string;
}

/** Size and sha256 of a file's content. */
export async function digestOfFile(path: string, signal?: AbortSignal): Promise<Digested> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path);
  try {
    await readPieces(file, (piece) => {
      signal?.throwIfAborted();
      hash.update(piece);
      size += piece.length;
      return undefined;
    });
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest('hex') };
}

/** sha256 in hex of a file's content. */
export async function sha256OfFile(path: string): Promise<string> {
  return (await digestOfFile(path)).sha256;
}

/**
 * Writes pieces into a new file and digests them on the way.
 *
 * @param file - doesn't exist yet; left for the caller to remove when the call fails
 * @throws StoreError `STORE_LOCAL_FAILED` for a fault of the file; what the source throws, and an abort, pass as they are
 */
export async function receiveFile(
  source: AsyncIterable<Uint8Array>,
  file: string,
  signal?: AbortSignal,
): Promise<Digested> {
  const target = await ofFile(file, open(file, 'wx'));
  try {
    return await orAborted(receive(source, target, file, signal), signal);
  } finally {
    await target.close();
  }
}

async function receive(
  source: AsyncIterable<Uint8Array>,
  target: FileHandle,
  file: string,
  signal: AbortSignal | undefined,
): Promise<Digested> {
  const hash = createHash('sha256');
  const writer = new PieceWriter(target);
  let size = 0;
  if (signal !== undefined && source instanceof Readable) addAbortSignal(signal, source);
  for await (const piece of source) {
    hash.update(piece);
    size += piece.length;
    const written = writer.write(piece);
    if (written !== undefined) await ofFile(file, written);
  }
  await ofFile(file, writer.finish());
  return { size, sha256: hash.digest('hex') };
}

/** A source that gives nothing more may not even end when it's told to. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => {
      reject(signal.reason as Error);
    };
  });
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    aborted.catch(() => undefined);
    work.catch(() => undefined);
  }
}

async function ofFile<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw localFailed(file, error);
  }
}

/** A fault of the local disk as a StoreError. */
export function localFailed(subject: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('STORE_LOCAL_FAILED', subject, reason, { cause });
}
