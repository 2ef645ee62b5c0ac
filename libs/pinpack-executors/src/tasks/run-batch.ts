// Runs many tasks of one executor in one process: Nx's batches. A process for each task would cost more than most of the tasks.
import type { TaskGraph } from '@nx/devkit';
import pLimit from 'p-limit';
import { reportFailure, type Outcome } from './report-failure.js';

/** What Nx wants to know of each task. */
export interface BatchResult {
  success: boolean;
  terminalOutput: string;
  startTime: number;
  endTime: number;
}

/**
 * Runs the tasks of a batch in the order of their dependencies.
 *
 * @param atOnce - how many run at a time
 * @returns results by task id; what depends on a failed task fails without running
 */
export async function runBatch<Options>(
  graph: TaskGraph,
  options: Record<string, Options>,
  atOnce: number,
  run: (options: Options) => Promise<void>,
): Promise<Record<string, BatchResult>> {
  const limit = pLimit(atOnce);
  const running = new Map<string, Promise<BatchResult>>();
  const start = (id: string): Promise<BatchResult> => {
    const known = running.get(id);
    if (known !== undefined) return known;
    // Only those inside the batch: Nx has run the others.
    const needed = (graph.dependencies[id] ?? []).filter((dependency) => dependency in graph.tasks);
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

/** What takes long is begun first, or the others would be waiting for nothing but that in the end. @param sizeOf - of a task, in bytes */
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

/** One failure of all tasks: a wrong key or setting is reported once. */
export function failAll(graph: TaskGraph, message: string): Record<string, BatchResult> {
  console.error(message);
  const now = Date.now();
  const failure = { success: false, terminalOutput: `${message}\n`, startTime: now, endTime: now };
  return Object.fromEntries(Object.keys(graph.tasks).map((id) => [id, failure]));
}
