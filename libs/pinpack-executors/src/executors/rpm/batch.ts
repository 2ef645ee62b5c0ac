// The RPMs of a whole run in one process: while one is compressed in another thread, the next is read.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import type { PinOptions } from '../../reqset/read-pin.js';
import { runBatch, type BatchResult } from '../../run-batch.js';
import { RpmRun } from './rpm-run.js';

/** Each holds its payload in memory; the main thread feeds no more compressors than this. */
const AT_ONCE = 3;

export default function rpms(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  const run = new RpmRun(root, nxJsonConfiguration, Object.keys(options).length);
  return runBatch(graph, options, AT_ONCE, (order) => run.make(order));
}
