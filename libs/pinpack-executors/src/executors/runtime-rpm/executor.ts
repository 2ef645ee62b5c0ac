// `nx run pinpack-runtime:rpm`: packs the RPMs pinpack-runtime and pinpack-wheelhouse, and pinpack-dnf if publications have patches.
import type { ExecutorContext } from '@nx/devkit';
import { makeRuntimeRpms } from '../../rpms/make-runtime-rpms.js';
import { runReported } from '../../tasks/report-failure.js';
import { pluginOptions } from '../../workspace/plugin-options.js';

export default async function runtimeRpm(
  _options: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(() => makeRuntimeRpms({ root, settings: pluginOptions(nxJsonConfiguration) }));
}
