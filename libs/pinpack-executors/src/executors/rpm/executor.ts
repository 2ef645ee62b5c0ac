// `nx run <reqset>-wheel-<name>:rpm`
import type { ExecutorContext } from '@nx/devkit';
import { pluginOptions } from '../../plugin-options.js';
import { runReported } from '../../report-failure.js';
import type { PinOptions } from '../../reqset/read-pin.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { RpmRun } from './rpm-run.js';

export default async function rpm(
  options: PinOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const settings = pluginOptions(nxJsonConfiguration);
  return runReported(() => withStoreOfRun(settings, (store) => new RpmRun({ root, settings, store }, 1).make(options)));
}
