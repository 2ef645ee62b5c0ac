// Finds the RPMs that an upgrade changes.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Those that only the new folder has, with their older versions.
 *
 * @param {string} old - folder of RPMs
 * @param {string} fresh - folder of RPMs
 * @returns {Promise<{ oldRpm: string, newRpm: string, file: string }[]>} paths, and the name of the new file
 */
export async function changedRpms(old, fresh) {
  const before = await readdir(old);
  const pairs = [];
  for (const file of (await readdir(fresh)).filter((one) => !before.includes(one))) {
    const previous = before.find((one) => nameOf(one) === nameOf(file));
    if (previous === undefined) throw new Error(`${file} has no older version`);
    pairs.push({ oldRpm: join(old, previous), newRpm: join(fresh, file), file });
  }
  return pairs;
}

/** `reqset-wheel-numpy` of `reqset-wheel-numpy-2.4.6-1.x86_64.rpm` */
function nameOf(file) {
  return file.replace(/-[^-]+-[^-]+$/, '');
}
