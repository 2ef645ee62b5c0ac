// `nx run pinpack-runtime:rpm`: packs the RPMs pinpack-runtime and pinpack-wheelhouse.
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import { packRuntimeRpms, rpmPattern } from '@pinpack/rpm-packaging';
import { writeRpmDigest } from '../../rpms/rpm-digest.js';
import { runReported } from '../../tasks/report-failure.js';
import { pluginOptions, vendorOf } from '../../workspace/plugin-options.js';
import { RPMS, rpmDigestFile } from '../../workspace/workspace-paths.js';

export default async function runtimeRpm(
  _options: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const vendor = vendorOf(pluginOptions(nxJsonConfiguration));
    const folder = join(root, RPMS);
    for (const { name, fileName, chunks } of await packRuntimeRpms(vendor)) {
      await writeFileAtomically(join(folder, fileName), chunks);
      const sha256 = digest('sha256', ...chunks).toString('hex');
      await writeRpmDigest(root, rpmDigestFile(undefined, name), { file: fileName, sha256 });
      await pruneOthers(folder, fileName, rpmPattern(name));
      console.log(`${name}: ${RPMS}/${fileName}`);
    }
  });
}
