// Packs the RPMs pinpack-runtime and pinpack-wheelhouse.
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import { packRuntimeRpms, rpmPattern } from '@pinpack/rpm-packaging';
import type { RunContext } from '../tasks/run-executor.js';
import { vendorOf } from '../workspace/plugin-options.js';
import { RPMS, rpmDigestFile } from '../workspace/workspace-paths.js';
import { writeRpmDigest } from './rpm-digest.js';

export async function makeRuntimeRpms({ root, settings }: Pick<RunContext, 'root' | 'settings'>): Promise<void> {
  const folder = join(root, RPMS);
  for (const { name, fileName, chunks } of await packRuntimeRpms(vendorOf(settings))) {
    await writeFileAtomically(join(folder, fileName), chunks);
    const sha256 = digest('sha256', ...chunks).toString('hex');
    await writeRpmDigest(root, rpmDigestFile(undefined, name), { file: fileName, sha256 });
    await pruneOthers(folder, fileName, rpmPattern(name));
    console.log(`${name}: ${RPMS}/${fileName}`);
  }
}
