// `nx run <reqset>-wheel-<name>:rpm`
import type { ExecutorContext } from '@nx/devkit';
import { reportFailure } from '../../report-failure.js';
import type { PinOptions } from '../../reqset/read-pin.js';
import { RpmRun } from './rpm-run.js';

export default async function rpm(
  options: PinOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const { success, message } = await reportFailure(() => new RpmRun(root, nxJsonConfiguration, 1).make(options));
  if (message !== undefined) console.error(message);
  return { success };
}
