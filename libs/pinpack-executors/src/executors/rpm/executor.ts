// `nx run <reqset>-wheel-<name>:rpm`, and the wheel RPMs of a whole run in one process: one is compressed while the next is read.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { RpmRun, wheelSize } from '../../rpms/wheel-rpm-run.js';
import { runReported } from '../../tasks/report-failure.js';
import { largestFirst, runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { withStoreOfRun } from '../../tasks/store-of-run.js';
import { pluginOptions } from '../../workspace/plugin-options.js';
import type { PinOptions } from '../../workspace/read-pin.js';

/** Each holds its payload in memory, and the main thread can feed no more compressors. */
const CONCURRENCY = 3;

export default async function rpm(
  options: PinOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const settings = pluginOptions(nxJsonConfiguration);
  return runReported(() => withStoreOfRun(settings, (store) => new RpmRun({ root, settings, store }, 1).make(options)));
}

export function batch(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  const settings = pluginOptions(nxJsonConfiguration);
  return withStoreOfRun(settings, (store) => {
    const run = new RpmRun({ root, settings, store }, Object.keys(options).length);
    const sorted = largestFirst(graph, (id) => wheelSize(root, options[id]));
    return runBatch(sorted, options, CONCURRENCY, (pin) => run.make(pin));
  });
}
