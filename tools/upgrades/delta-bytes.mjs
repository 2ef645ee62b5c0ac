// Computes the bytes that dnf downloads: those of the delta if it applies and is smaller than the RPM, otherwise those of the RPM.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelta } from '@pinpack/rpm-repo';

/**
 * For every RPM that only the new folder has.
 *
 * @param {string} old - folder of RPMs
 * @param {string} fresh - folder of RPMs
 * @returns {Promise<{ wheels: number, application: number, full: number }>} bytes; `full` is the size of the RPMs without deltas
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

/** Makes and verifies the delta as the target `delta` does. @returns its bytes, or those of the new RPM if no delta is smaller */
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
