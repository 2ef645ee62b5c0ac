// Digest of the files that a distribution offers to compilers: C headers, static libraries and Cython declarations, as numpy has them. Packages compiled
// against it are rebuilt if one of these files changes, and only then.
import { createHash } from 'node:crypto';
import { NO_WHEEL_LIMITS } from '../limits/limits.js';
import { openWheel } from '../wheel/wheel.js';

const FOR_COMPILERS = /\.(?:h|hh|hpp|hxx|inc|pxd|pxi|a|f90|mod)$/;

/** @param wheel - its path. @returns sha256 in hex, or undefined if the wheel has no such files. @throws DistError `DIST_WHEEL_*`, `DIST_RECORD_*` */
export async function apiDigest(wheel: string): Promise<string | undefined> {
  const opened = await openWheel(wheel, NO_WHEEL_LIMITS);
  opened.close();
  const files = opened.record
    .filter(({ path }) => FOR_COMPILERS.test(path))
    .map(({ path, digest }) => `${path} ${digest?.hex ?? ''}`);
  return files.length === 0 ? undefined : createHash('sha256').update(files.sort().join('\n')).digest('hex');
}
