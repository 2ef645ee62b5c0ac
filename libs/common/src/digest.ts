// sha256 of files and texts.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const PIECE = 1024 * 1024;

/** In hex. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** In hex; the file is read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
