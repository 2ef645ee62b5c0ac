// `nx run <reqset>-wheel-<name>:wheel`
import type { ExecutorContext } from '@nx/devkit';
import { pluginOptions } from '../../plugin-options.js';
import { runReported } from '../../report-failure.js';
import type { PinOptions } from '../../reqset/read-pin.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { WheelMaker } from './make-wheel.js';

export default async function wheel(
  options: PinOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(() =>
    withStoreOfRun(pluginOptions(nxJsonConfiguration), (store) => new WheelMaker(root, store, [options]).make(options)),
  );
}
