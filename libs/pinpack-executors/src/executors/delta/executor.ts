// `nx run <reqset>-wheel-<name>:delta`, and the deltas of a whole run in one process.
import { availableParallelism } from 'node:os';
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { DeltaRun, rpmSize, type DeltaOptions } from '../../repository/delta-run.js';
import { withReleaseTools } from '../../repository/release-tools.js';
import { reportFailure, runReported } from '../../tasks/report-failure.js';
import { failAll, largestFirst, runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { withStoreOfRun } from '../../tasks/store-of-run.js';
import { pluginOptions } from '../../workspace/plugin-options.js';

export default async function delta(
  options: DeltaOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const settings = pluginOptions(nxJsonConfiguration);
  return runReported(() =>
    withStoreOfRun(settings, (store) =>
      withReleaseTools(settings, process.env, (tools) => new DeltaRun({ root, tools, store }, 1).make(options)),
    ),
  );
}

export async function batch(
  graph: TaskGraph,
  options: Record<string, DeltaOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  const settings = pluginOptions(nxJsonConfiguration);
  // Some sign, download or wait for the store while others compute.
  const concurrency = 2 * availableParallelism();
  let results: Record<string, BatchResult> = {};
  const { message } = await reportFailure(() =>
    withStoreOfRun(settings, (store) =>
      withReleaseTools(settings, process.env, async (tools) => {
        const run = new DeltaRun({ root, tools, store }, Object.keys(options).length);
        const sorted = largestFirst(graph, (id) => rpmSize(root, options[id]));
        results = await runBatch(sorted, options, concurrency, (rpm) => run.make(rpm));
      }),
    ),
  );
  return message === undefined ? results : failAll(graph, message);
}
