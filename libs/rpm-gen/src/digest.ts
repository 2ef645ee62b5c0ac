/** Digests in one pass over several pieces, by node:crypto. */
import { createHash } from 'node:crypto';

/** node:crypto refuses an update of 2 GiB or more. */
const STEP = 1024 * 1024 * 1024;

export function digest(algorithm: 'md5' | 'sha1' | 'sha256', ...pieces: Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += STEP) hash.update(piece.subarray(at, at + STEP));
  }
  return hash.digest();
}
