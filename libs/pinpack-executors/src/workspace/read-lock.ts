// Reads and parses the lock of a set.
import { join } from 'node:path';
import { parsePylock, type Lock } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { readIfThere } from './files.js';
import { reqsetPaths } from './workspace-paths.js';

/**
 * @throws PinpackError `PINPACK_LOCK_MISSING`
 * @throws DistError `DIST_LOCK_INVALID`
 */
export function readLock(root: string, set: string): Lock {
  const { lock, folder, project } = reqsetPaths(set);
  const text = readIfThere(join(root, lock));
  if (text === undefined) {
    throw new PinpackError('PINPACK_LOCK_MISSING', lock, [
      'the lock does not exist',
      `Make it: nx run ${project}:lock`,
    ]);
  }
  const known = parsed.get(lock);
  if (known?.text === text) return known.lock;
  const made = { text, lock: parsePylock(text, lock, folder) };
  parsed.set(lock, made);
  return made.lock;
}

/** The graph inference reads each lock several times, and parsing is the expensive part. */
const parsed = new Map<string, { text: string; lock: Lock }>();
