// The files that are derived from a lock: nothing is built from one that says something else than the lock.
import { join } from 'node:path';
import { PinpackError } from '../pinpack-error.js';
import { readIfThere } from './read-lock.js';

export interface DerivedFile {
  /** Both relative to the workspace's root. */
  file: string;
  lock: string;
  /** What the lock makes of it. */
  text: string;
}

/** @throws PinpackError with the code that is given */
export function checkDerivedFile(root: string, { file, lock, text }: DerivedFile, code: PinpackError['code']): void {
  if (readIfThere(join(root, file)) === text) return;
  throw new PinpackError(code, file, [
    `disagrees with ${lock}, which is the truth about pins`,
    'Write it again from the lock: nx sync',
  ]);
}
