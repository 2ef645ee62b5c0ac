// Reads a reqset's lock, and the pins that are derived from it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePylock, type Lock } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { reqsetPaths } from './workspace-paths.js';

/**
 * @throws PinpackError `PINPACK_LOCK_MISSING`
 * @throws DistError `DIST_LOCK_INVALID`
 */
export function readLock(root: string, set: string): Lock {
  const place = reqsetPaths(set);
  const { lock } = place;
  const text = readIfThere(join(root, lock));
  if (text === undefined) {
    throw new PinpackError('PINPACK_LOCK_MISSING', lock, [
      'there is no lock yet',
      `Make it: nx run ${place.project}:lock`,
    ]);
  }
  const known = parsed.get(lock);
  if (known?.text === text) return known.lock;
  const made = { text, lock: parsePylock(text, lock, place.folder) };
  parsed.set(lock, made);
  return made.lock;
}

/** The graph asks for each lock once for itself and once for each application: parsing is what reading one costs. */
const parsed = new Map<string, { text: string; lock: Lock }>();

/** The file's text, or undefined where there is no such file. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
