// Digests streamed content. Content is never held in memory as a whole, and never used before its digest is known.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { addAbortSignal, Readable } from 'node:stream';
import { sha256Of } from '@pinpack/common/digest';
import { PieceWriter, readPieces } from './file-pieces.js';
import { StoreError } from '../store-error.js';

export interface Digested {
  /** In bytes. */
  size: number;
  /** In hex. */
  sha256: string;
}

/** Computes size and sha256 of a file. */
export async function digestOfFile(path: string, signal?: AbortSignal): Promise<Digested> {
  const file = await open(path);
  try {
    return await digestPieces(file, () => {
      signal?.throwIfAborted();
      return undefined;
    });
  } finally {
    await file.close();
  }
}

/** Reads a file to its end. @param use - called for each piece after it was digested */
async function digestPieces(file: FileHandle, use: Parameters<typeof readPieces>[1]): Promise<Digested> {
  const hash = createHash('sha256');
  let size = 0;
  await readPieces(file, (piece) => {
    hash.update(piece);
    size += piece.length;
    return use(piece);
  });
  return { size, sha256: hash.digest('hex') };
}

/** The same for a file that exists. @throws StoreError `STORE_LOCAL_FAILED` */
export async function digestOfLocalFile(path: string): Promise<Digested> {
  return ofFile(path, digestOfFile(path));
}

/**
 * Copies a file and digests the copy.
 *
 * @param copy - must not exist; the caller removes it if the call fails
 * @throws StoreError `STORE_LOCAL_FAILED` for an error of the copy; errors of the file as they are
 */
export async function copyAndDigest(file: string, copy: string): Promise<Digested> {
  const source = await open(file);
  try {
    const target = await ofFile(copy, open(copy, 'wx'));
    try {
      return await digestPieces(source, (piece) => ofFile(copy, target.writeFile(piece)));
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Of a file, by its path, or of bytes. @throws StoreError `STORE_LOCAL_FAILED` */
export async function digestOf(source: string | Uint8Array): Promise<Digested> {
  return typeof source === 'string' ? digestOfLocalFile(source) : { size: source.length, sha256: sha256Of(source) };
}

/**
 * Writes a stream into a new file and digests it.
 *
 * @param file - must not exist; the caller removes it if the call fails
 * @throws StoreError `STORE_LOCAL_FAILED` for an error of the file; errors of the source and aborts as they are
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

/** Rejects on abort even if the source ignores it. */
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

/** Wraps an error of the local disk. */
export function localFailed(subject: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('STORE_LOCAL_FAILED', subject, reason, { cause });
}
