// `nx run pinpack-runtime:rpm`: packs the RPMs pinpack-runtime and pinpack-wheelhouse, and pinpack-dnf if publications have patches.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import { DNF_PLUGIN, packRuntimeRpms, rpmPattern } from '@pinpack/rpm-packaging';
import { writeRpmDigest } from '../../rpms/rpm-digest.js';
import { runReported } from '../../tasks/report-failure.js';
import { pluginOptions, vendorOf } from '../../workspace/plugin-options.js';
import { readPublishSettings } from '../../workspace/publish-settings.js';
import { RPMS, rpmDigestFile } from '../../workspace/workspace-paths.js';

export default async function runtimeRpm(
  _options: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const options = pluginOptions(nxJsonConfiguration);
    const vendor = vendorOf(options);
    const { patches } = readPublishSettings(options, process.env);
    const folder = join(root, RPMS);
    for (const { name, fileName, chunks } of await packRuntimeRpms(vendor)) {
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
  });
}
