// `nx run <reqset>-wheel-<name>:wheel`: fetches or builds the wheel of a pin. A batch makes those of a whole run in one process, where they share the store,
// the index and build environments.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { runTask, runTasks } from '../../tasks/run-executor.js';
import { WheelMaker } from '../../wheels/make-wheel.js';
import type { PinOptions } from '../../workspace/read-pin.js';

const CONCURRENCY = 8;

export default async function wheel(options: PinOptions, context: ExecutorContext): Promise<{ success: boolean }> {
  return runTask(context, (run) => new WheelMaker(run, [options]).make(options));
}

export function batch(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  context: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  return runTasks(graph, context, (run) => {
    const maker = new WheelMaker(run, Object.values(options));
    return runBatch(graph, options, CONCURRENCY, (pin) => maker.make(pin));
  });
}
