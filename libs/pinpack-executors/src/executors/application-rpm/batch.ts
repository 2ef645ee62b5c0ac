// The application RPMs of a whole run in one process.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import type { ApplicationOptions } from '../../application/read-application.js';
import { runBatch, type BatchResult } from '../../run-batch.js';
import { pluginOptions } from '../../plugin-options.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { ApplicationRpmRun } from './application-rpm-run.js';

const AT_ONCE = 4;

export default function applicationRpms(
  graph: TaskGraph,
  options: Record<string, ApplicationOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  const settings = pluginOptions(nxJsonConfiguration);
  return withStoreOfRun(settings, (store) => {
    const run = new ApplicationRpmRun({ root, settings, store }, Object.keys(options).length);
    return runBatch(graph, options, AT_ONCE, (order) => run.make(order));
  });
}
