// `nx run <reqset>-wheel-<name>:delta`
import type { ExecutorContext } from '@nx/devkit';
import { pluginOptions } from '../../plugin-options.js';
import { withReleaseTools } from '../../release/release-tools.js';
import { runReported } from '../../report-failure.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { DeltaRun, type DeltaOptions } from './delta-run.js';

export default async function delta(
  options: DeltaOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const settings = pluginOptions(nxJsonConfiguration);
  return runReported(() =>
    withStoreOfRun(settings, (store) =>
      withReleaseTools(settings, process.env, (tools) => new DeltaRun({ root, tools, store }, 1).make(options)),
    ),
  );
}
