// The deltas of a whole run in one process: as many at a time as there are processors.
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { pluginOptions } from '../../plugin-options.js';
import { withReleaseTools } from '../../release/release-tools.js';
import { reportFailure } from '../../report-failure.js';
import { reqsetPlace } from '../../reqset/place.js';
import { largestFirst, runBatch, type BatchResult } from '../../run-batch.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { DeltaRun, type DeltaOptions } from './delta-run.js';

type Results = Record<string, BatchResult>;

export default async function deltas(
  graph: TaskGraph,
  options: Record<string, DeltaOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Results> {
  const settings = pluginOptions(nxJsonConfiguration);
  // Some sign, download or wait for the store while others compute.
  const atOnce = 2 * availableParallelism();
  let results: Results = {};
  const { message } = await reportFailure(() =>
    withStoreOfRun(settings, (store) =>
      withReleaseTools(settings, process.env, async (tools) => {
        const run = new DeltaRun({ root, tools, store }, Object.keys(options).length);
        const sorted = largestFirst(graph, (id) => rpmSize(root, options[id]));
        results = await runBatch(sorted, options, atOnce, (order) => run.make(order));
      }),
    ),
  );
  return message === undefined ? results : failAll(graph, message);
}

/** A key or a setting that is wrong is wrong for all: told once. */
function failAll(graph: TaskGraph, message: string): Results {
  console.error(message);
  const now = Date.now();
  const failure = { success: false, terminalOutput: `${message}\n`, startTime: now, endTime: now };
  return Object.fromEntries(Object.keys(graph.tasks).map((id) => [id, failure]));
}

/** 0 where it isn't there: its own task says so. */
function rpmSize(root: string, options: DeltaOptions | undefined): number {
  try {
    const { reqset, name, version } = options ?? {};
    if (reqset === undefined || name === undefined || version === undefined) return 0;
    const folder = join(root, reqsetPlace(reqset).rpms);
    const file = readdirSync(folder).find((each) => each.startsWith(`${name}-${version}.`));
    return file === undefined ? 0 : statSync(join(folder, file)).size;
  } catch {
    return 0;
  }
}
