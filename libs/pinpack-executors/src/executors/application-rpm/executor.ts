// `nx run <reqset>-<app>:rpm`
import type { ExecutorContext } from '@nx/devkit';
import type { ApplicationOptions } from '../../application/read-application.js';
import { pluginOptions } from '../../plugin-options.js';
import { runReported } from '../../report-failure.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { ApplicationRpmRun } from './application-rpm-run.js';

export default async function applicationRpm(
  options: ApplicationOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const settings = pluginOptions(nxJsonConfiguration);
  return runReported(() =>
    withStoreOfRun(settings, (store) => new ApplicationRpmRun({ root, settings, store }, 1).make(options)),
  );
}
