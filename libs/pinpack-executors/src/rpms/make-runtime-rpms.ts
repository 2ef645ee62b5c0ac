// Packs the RPMs pinpack-runtime and pinpack-wheelhouse, and pinpack-dnf if publications have patches.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import { DNF_PLUGIN, packRuntimeRpms, rpmPattern } from '@pinpack/rpm-packaging';
import type { RunContext } from '../tasks/run-executor.js';
import { vendorOf } from '../workspace/plugin-options.js';
import { RPMS, rpmDigestFile } from '../workspace/workspace-paths.js';
import { writeRpmDigest } from './rpm-digest.js';

export async function makeRuntimeRpms({ root, settings }: Pick<RunContext, 'root' | 'settings'>): Promise<void> {
  const patches = settings.publish?.patches ?? 0;
  const folder = join(root, RPMS);
  for (const { name, fileName, chunks } of await packRuntimeRpms(vendorOf(settings))) {
    if (name === DNF_PLUGIN && patches === 0) {
      await rm(join(root, rpmDigestFile(undefined, name)), { force: true });
      continue;
    }
    await writeFileAtomically(join(folder, fileName), chunks);
    const sha256 = digest('sha256', ...chunks).toString('hex');
    await writeRpmDigest(root, rpmDigestFile(undefined, name), { file: fileName, sha256 });
    await pruneOthers(folder, fileName, rpmPattern(name));
    console.log(`${name}: ${RPMS}/${fileName}`);
  }
}
