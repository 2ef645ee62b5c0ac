// `nx run <reqset>-wheel-<name>:rpm`: packs the wheel RPM of a pin. A batch packs those of a whole run in one process, which compresses one while it reads
// the next.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { wheelRpmTask, wheelSize } from '../../rpms/rpm-tasks.js';
import { largestFirst, runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { runTask, runTasks } from '../../tasks/run-executor.js';
import { warnOfOverlaps } from '../../rpms/warn-of-overlaps.js';
import type { PinOptions } from '../../workspace/read-pin.js';

/** Lookups in the store and downloads; fewer RPMs are packed at a time. */
const CONCURRENCY = 8;

export default async function rpm(options: PinOptions, context: ExecutorContext): Promise<{ success: boolean }> {
  return runTask(context, async (run) => {
    await wheelRpmTask(run, 1)(options);
    await warnOfOverlaps(run.root, [options]);
  });
}

export function batch(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  context: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  return runTasks(graph, context, async (run) => {
    const sorted = largestFirst(graph, (id) => wheelSize(run.root, options[id]));
    const results = await runBatch(sorted, options, CONCURRENCY, wheelRpmTask(run, Object.keys(options).length));
    await warnOfOverlaps(run.root, Object.values(options));
    return results;
  });
}
