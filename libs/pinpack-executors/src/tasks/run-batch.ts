// Runs the batches of Nx: many tasks of one executor in one process. A process for each task would cost more than most of the tasks.
import type { TaskGraph } from '@nx/devkit';
import pLimit from 'p-limit';
import { delayOptimization } from './delay-optimization.js';
import { reportFailure, type Outcome } from './report-failure.js';
import { dependencyIds } from './task-dependencies.js';

/** The result of a task in the form that Nx expects. */
export interface BatchResult {
  success: boolean;
  terminalOutput: string;
  startTime: number;
  endTime: number;
}

/**
 * Runs the tasks of a batch in the order of their dependencies.
 *
 * @param concurrency - the number of tasks that run at a time
 * @returns results by task id; dependents of a failed task fail without running
 */
export async function runBatch<Options>(
  graph: TaskGraph,
  options: Record<string, Options>,
  concurrency: number,
  run: (options: Options) => Promise<void>,
): Promise<Record<string, BatchResult>> {
  delayOptimization();
  const limit = pLimit(concurrency);
  const running = new Map<string, Promise<BatchResult>>();
  const start = (id: string): Promise<BatchResult> => {
    const known = running.get(id);
    if (known !== undefined) return known;
    // Nx has run the dependencies outside of the batch.
    const needed = dependencyIds(graph.dependencies, id).filter((dependency) => dependency in graph.tasks);
    const result = Promise.all(needed.map(start)).then((results) =>
      results.every(({ success }) => success)
        ? limit(() => timed(() => reportFailure(() => run(options[id] as Options)), id))
        : timed(() => Promise.resolve({ success: false, message: 'not run: a task that it depends on failed' }), id),
    );
    running.set(id, result);
    return result;
  };
  const ids = Object.keys(graph.tasks);
  return Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await start(id)] as const)));
}

/** Sorts the longest tasks first, so that the batch does not end with a single long one. @param sizeOf - of a task, in bytes */
export function largestFirst(graph: TaskGraph, sizeOf: (id: string) => number): TaskGraph {
  const sizes = new Map(Object.keys(graph.tasks).map((id) => [id, sizeOf(id)]));
  const size = ([id]: [string, unknown]) => sizes.get(id) ?? 0;
  return { ...graph, tasks: Object.fromEntries(Object.entries(graph.tasks).sort((a, b) => size(b) - size(a))) };
}

async function timed(task: () => Promise<Outcome>, id: string): Promise<BatchResult> {
  const startTime = Date.now();
  const { success, message } = await task();
  const terminalOutput = message === undefined ? '' : `${message}\n`;
  if (message !== undefined) console.error(`${id}: ${message}`);
  return { success, terminalOutput, startTime, endTime: Date.now() };
}

/** Fails all tasks with one message, printed once. */
export function failAll(graph: TaskGraph, message: string): Record<string, BatchResult> {
  console.error(message);
  const now = Date.now();
  const failure = { success: false, terminalOutput: `${message}\n`, startTime: now, endTime: now };
  return Object.fromEntries(Object.keys(graph.tasks).map((id) => [id, failure]));
}
