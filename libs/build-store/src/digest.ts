// Content is digested while it streams by: nothing is wholly in memory, and nothing is used before its digest is known.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { StoreError } from './store-error.js';

const PIECE = 1 << 18;

export interface Digested {
  /** Bytes. */
  size: number;
  /** In hex. */
  sha256: string;
}

/** Size and sha256 of a file's content, read as a stream. */
export async function digestOfFile(path: string, signal?: AbortSignal): Promise<Digested> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE, signal }) as AsyncIterable<Buffer>) {
    hash.update(piece);
    size += piece.length;
  }
  return { size, sha256: hash.digest('hex') };
}

/** sha256 in hex of a file's content, read as a stream. */
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
  const hash = createHash('sha256');
  const received = { size: 0, isSourceAtFault: false };
  async function* digested(): AsyncGenerator<Uint8Array> {
    received.isSourceAtFault = true;
    for await (const piece of source) {
      hash.update(piece);
      received.size += piece.length;
      received.isSourceAtFault = false;
      yield piece;
      received.isSourceAtFault = true;
    }
    received.isSourceAtFault = false;
  }
  try {
    await pipeline(digested, createWriteStream(file, { flags: 'wx', highWaterMark: PIECE }), { signal });
  } catch (error) {
    throw received.isSourceAtFault || signal?.aborted === true ? error : localFailed(file, error);
  }
  return { size: received.size, sha256: hash.digest('hex') };
}

/** A fault of the local disk as a StoreError. */
export function localFailed(subject: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('STORE_LOCAL_FAILED', subject, reason, { cause });
}
