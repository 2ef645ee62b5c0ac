// What a distribution gives to compilers: numpy's C headers, its static libraries and its declarations for Cython. What was compiled with it is compiled
// anew when a byte of that changes, and not when anything else of the distribution does.
import { createHash } from 'node:crypto';
import { openWheel } from '../wheel/wheel.js';

const FOR_COMPILERS = /\.(?:h|hh|hpp|hxx|inc|pxd|pxi|a|f90|mod)$/;

/** @param wheel - its path. @returns sha256 in hex, or undefined where it gives nothing. @throws DistError `DIST_WHEEL_*`, `DIST_RECORD_*` */
export async function apiDigest(wheel: string): Promise<string | undefined> {
  const opened = await openWheel(wheel);
  opened.close();
  const given = opened.record
    .filter(({ path }) => FOR_COMPILERS.test(path))
    .map(({ path, digest }) => `${path} ${digest?.hex ?? ''}`);
  return given.length === 0 ? undefined : createHash('sha256').update(given.sort().join('\n')).digest('hex');
}
