// The wheels of a whole run in one process: downloads side by side, source builds when what they need is there.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { runBatch, type BatchResult } from '../../run-batch.js';
import type { PinOptions } from '../../reqset/read-pin.js';
import { pluginOptions } from '../../plugin-options.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { WheelMaker } from './make-wheel.js';

const AT_ONCE = 8;

export default function wheels(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  return withStoreOfRun(pluginOptions(nxJsonConfiguration), (store) => {
    const maker = new WheelMaker(root, store, Object.values(options));
    return runBatch(graph, options, AT_ONCE, (order) => maker.make(order));
  });
}
