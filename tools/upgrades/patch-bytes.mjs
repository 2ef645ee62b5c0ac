// Computes the bytes that a server with pinpack-dnf downloads, for an upgrade and for a first installation.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { makePatch } from '@pinpack/rpm-repo';
import pLimit from 'p-limit';
import { changedRpms } from './changed-rpms.mjs';

/**
 * The RPMs that changed, wheels and application.
 *
 * @param {{ old: string, fresh: string, work: string }} folders - of RPMs; `work`: for patches
 */
export async function patchesOfFolders({ old, fresh, work }) {
  await mkdir(work, { recursive: true });
  const bytes = { wheels: 0, application: 0 };
  for (const { oldRpm, newRpm, file } of await changedRpms(old, fresh)) {
    const size = await patchBytes(oldRpm, newRpm, join(work, 'patch'));
    bytes[file.includes('-wheel-') ? 'wheels' : 'application'] += size;
  }
  return bytes;
}

/**
 * The whole RPMs of a first installation.
 *
 * @param {{ fresh: string, today: string, work: string }} folders - of RPMs; `today`: as they are without patches
 */
export async function installationOfFolders({ fresh, today, work }) {
  await mkdir(work, { recursive: true });
  const bytes = { installation: 0, today: 0 };
  for (const file of await readdir(today)) bytes.today += (await stat(join(today, file))).size;
  const limit = pLimit(availableParallelism());
  const wholes = (await readdir(fresh)).map((file) =>
    limit(() => patchBytes(undefined, join(fresh, file), join(work, `${file}.patch`))),
  );
  for (const size of await Promise.all(wholes)) bytes.installation += size;
  return bytes;
}

/** Bytes of the patch, or of the RPM if that is smaller. @param {string | undefined} oldRpm */
async function patchBytes(oldRpm, newRpm, path) {
  const { size: instead } = await stat(newRpm);
  const made = await makePatch({ oldRpm, newRpm, path, instead, share: 1 });
  if (!('refused' in made)) return made.size;
  if (oldRpm !== undefined) throw new Error(`${newRpm}: ${made.refused}`);
  return instead;
}
