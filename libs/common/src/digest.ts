// Digests of texts, bytes and files.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const PIECE = 1024 * 1024;
/** node:crypto refuses an update of 2 GiB or more. */
const LARGEST_UPDATE = 1024 * 1024 * 1024;

/** The digest of several pieces in one pass. */
export function digest(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512' | 'sha3-256', ...pieces: Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += LARGEST_UPDATE) hash.update(piece.subarray(at, at + LARGEST_UPDATE));
  }
  return hash.digest();
}

/** In hex. */
export function sha256Of(content: string | Uint8Array): string {
  return digest('sha256', typeof content === 'string' ? Buffer.from(content) : content).toString('hex');
}

/** In hex. The file is read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
