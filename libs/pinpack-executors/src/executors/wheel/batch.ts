// The wheels of a whole run in one process: downloads side by side, source builds when what they need is there.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { runBatch, type BatchResult } from '../../run-batch.js';
import type { PinOptions } from '../../reqset/read-pin.js';
import { WheelMaker } from './make-wheel.js';

const AT_ONCE = 8;

export default async function wheels(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  const maker = new WheelMaker(root, nxJsonConfiguration, Object.values(options));
  try {
    return await runBatch(graph, options, AT_ONCE, (order) => maker.make(order));
  } finally {
    await maker.close();
  }
}
