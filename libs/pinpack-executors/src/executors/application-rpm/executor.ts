// `nx run <reqset>-<app>:rpm`
import type { ExecutorContext } from '@nx/devkit';
import type { ApplicationOptions } from '../../application/read-application.js';
import { reportFailure } from '../../report-failure.js';
import { ApplicationRpmRun } from './application-rpm-run.js';

export default async function applicationRpm(
  options: ApplicationOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const run = new ApplicationRpmRun(root, nxJsonConfiguration, 1);
  const { success, message } = await reportFailure(() => run.make(options));
  if (message !== undefined) console.error(message);
  return { success };
}
