// Computes the bytes that dnf downloads: those of the delta if it applies and is smaller than the RPM, otherwise those of the RPM.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelta } from '@pinpack/rpm-repo';
import { changedRpms } from './changed-rpms.mjs';

/**
 * For every RPM that changed.
 *
 * @param {{ old: string, fresh: string }} folders - of RPMs
 * @returns {Promise<{ wheels: number, application: number, full: number }>} bytes; `full` is the size of the RPMs without deltas
 */
export async function deltasOfFolders({ old, fresh }) {
  const bytes = { wheels: 0, application: 0, full: 0 };
  for (const { oldRpm, newRpm, file } of await changedRpms(old, fresh)) {
    bytes[file.includes('-wheel-') ? 'wheels' : 'application'] += await deltaBytes(oldRpm, newRpm);
    bytes.full += (await stat(newRpm)).size;
  }
  return bytes;
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
