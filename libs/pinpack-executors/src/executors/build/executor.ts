// Makes wheels and RPMs of all kinds: Nx passes the tasks of one executor to one process, so that a run starts one. Targets are named `wheel` and `rpm`.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { builtFirst, stepsOf, type StepOptions } from '../../rpms/steps.js';
import { runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { runTask, runTasks } from '../../tasks/run-executor.js';

/** Lookups in the store and downloads. Builds and packing have limits of their own. */
const CONCURRENCY = 8;

export default async function build(options: StepOptions, context: ExecutorContext): Promise<{ success: boolean }> {
  return runTask(context, (run) => stepsOf(run, [options])(options));
}

export function batch(
  graph: TaskGraph,
  options: Record<string, StepOptions>,
  _overrides: unknown,
  context: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  return runTasks(graph, context, (run) =>
    runBatch(builtFirst(graph, run.root, options), options, CONCURRENCY, stepsOf(run, Object.values(options))),
  );
}
