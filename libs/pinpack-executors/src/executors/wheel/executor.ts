// `nx run <reqset>-wheel-<name>:wheel`, and the wheels of a whole run in one process, which share the store, the index and build environments.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { runReported } from '../../tasks/report-failure.js';
import { runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { withStoreOfRun } from '../../tasks/store-of-run.js';
import { WheelMaker } from '../../wheels/make-wheel.js';
import { pluginOptions } from '../../workspace/plugin-options.js';
import type { PinOptions } from '../../workspace/read-pin.js';

const CONCURRENCY = 8;

export default async function wheel(
  options: PinOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(() =>
    withStoreOfRun(pluginOptions(nxJsonConfiguration), (store) => new WheelMaker(root, store, [options]).make(options)),
  );
}

export function batch(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  return withStoreOfRun(pluginOptions(nxJsonConfiguration), (store) => {
    const maker = new WheelMaker(root, store, Object.values(options));
    return runBatch(graph, options, CONCURRENCY, (pin) => maker.make(pin));
  });
}
