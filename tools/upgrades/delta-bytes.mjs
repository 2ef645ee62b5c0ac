// What dnf downloads: the delta where it is smaller than the RPM, and applies.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelta } from '@pinpack/rpm-repo';

/**
 * Every RPM of the new folder that the old one hasn't.
 *
 * @param {string} old - folder of RPMs
 * @param {string} fresh - folder of RPMs
 * @returns {Promise<{ wheels: number, application: number, full: number }>} bytes; `full` of the RPMs themselves
 */
export async function deltasOfFolders(old, fresh) {
  const before = await readdir(old);
  const changed = (await readdir(fresh)).filter((file) => !before.includes(file));
  const bytes = { wheels: 0, application: 0, full: 0 };
  for (const file of changed) {
    const previous = before.find((one) => nameOf(one) === nameOf(file));
    const path = join(fresh, file);
    const { size } = await stat(path);
    const transferred = previous === undefined ? size : await deltaBytes(join(old, previous), path);
    bytes[file.includes('-wheel-') ? 'wheels' : 'application'] += transferred;
    bytes.full += size;
  }
  return bytes;
}

/** `reqset-wheel-numpy` of `reqset-wheel-numpy-2.4.6-1.x86_64.rpm` */
function nameOf(file) {
  return file.replace(/-[^-]+-[^-]+$/, '');
}

/** Bytes of the delta of two RPMs, made and proven as `delta` does; of the new RPM where there is none that is smaller. */
export async function deltaBytes(oldRpm, newRpm) {
  const work = await mkdtemp(join(tmpdir(), 'pinpack-delta-'));
  try {
    const delta = await makeDelta({ oldRpm, newRpm, work, share: 1 });
    if (!('refused' in delta)) return delta.size;
    console.error(`upgrades: ${newRpm}: no delta: ${delta.refused}`);
    return (await stat(newRpm)).size;
  } finally {
    await rm(work, { recursive: true });
  }
}
