// `nx run <reqset>-wheel-<name>:delta`: makes the delta RPMs of an RPM. A batch makes those of a whole run in one process.
import { availableParallelism } from 'node:os';
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { DeltaRun, rpmSize, type DeltaOptions } from '../../repository/delta-run.js';
import { withPublishTools } from '../../repository/publish-tools.js';
import { largestFirst, runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { runTask, runTasks } from '../../tasks/run-executor.js';

export default async function delta(options: DeltaOptions, context: ExecutorContext): Promise<{ success: boolean }> {
  return runTask(context, ({ root, settings, store }) =>
    withPublishTools(settings, process.env, (tools) => new DeltaRun({ root, tools, store }, 1).make(options)),
  );
}

export function batch(
  graph: TaskGraph,
  options: Record<string, DeltaOptions>,
  _overrides: unknown,
  context: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  // Some sign, download or wait for the store while others compute.
  const concurrency = 2 * availableParallelism();
  return runTasks(graph, context, ({ root, settings, store }) =>
    withPublishTools(settings, process.env, (tools) => {
      const run = new DeltaRun({ root, tools, store }, Object.keys(options).length);
      const sorted = largestFirst(graph, (id) => rpmSize(root, options[id]));
      return runBatch(sorted, options, concurrency, (rpm) => run.make(rpm));
    }),
  );
}
