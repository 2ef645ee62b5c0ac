// `nx run <reqset>-wheel-<name>:wheel`
import type { ExecutorContext } from '@nx/devkit';
import { reportFailure } from '../../report-failure.js';
import type { PinOptions } from '../../reqset/read-pin.js';
import { WheelMaker } from './make-wheel.js';

export default async function wheel(
  options: PinOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const { success, message } = await reportFailure(async () => {
    const maker = new WheelMaker(root, nxJsonConfiguration, [options]);
    try {
      await maker.make(options);
    } finally {
      await maker.close();
    }
  });
  if (message !== undefined) console.error(message);
  return { success };
}
