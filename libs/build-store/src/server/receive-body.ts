// Receives the body of a PUT: into memory if it is small, and otherwise into a file, which is digested at the same time.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Digested } from '../content/digest.js';
import { PieceWriter } from '../content/file-pieces.js';

/** `empty`: no body, or none was announced. An empty archive would fail the runs of all readers. */
export type Refusal = 'too large' | 'empty' | 'failed';

/** The body is incomplete, so that nothing can be answered. */
export class CutOff extends Error {}

/** @throws CutOff */
export async function receiveBytes(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readBody(request)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * Writes the body to a new file and digests it. If that fails, the rest of the body is still read: Nx's client fails the task on a reset instead
 * of a response.
 *
 * @throws CutOff
 */
export async function receiveFile(
  request: IncomingMessage,
  path: string,
  sizeLimit: number,
): Promise<Digested | Refusal> {
  const file = await open(path, 'wx', 0o600).catch(() => undefined);
  const writer = file && new PieceWriter(file);
  const hash = createHash('sha256');
  try {
    let size = 0;
    let refusal: Refusal | undefined = writer === undefined ? 'failed' : undefined;
    for await (const chunk of readBody(request)) {
      size += chunk.length;
      if (size > sizeLimit) refusal = 'too large';
      if (refusal !== undefined) continue;
      hash.update(chunk);
      if (!(await isWritten(writer?.write(chunk)))) refusal = 'failed';
    }
    if (!(await isWritten(writer?.finish()))) refusal ??= 'failed';
    if (size === 0) refusal ??= 'empty';
    return refusal ?? { size, sha256: hash.digest('hex') };
  } finally {
    await file?.close();
  }
}

async function isWritten(writing: Promise<void> | undefined): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch {
    return false;
  }
}

async function* readBody(request: IncomingMessage): AsyncIterable<Buffer> {
  try {
    yield* request as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new CutOff('The body was cut off', { cause });
  }
}
