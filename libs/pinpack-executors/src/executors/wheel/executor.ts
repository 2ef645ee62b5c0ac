// `nx run <reqset>-wheel-<name>:wheel`: fetches or builds the wheel of a pin. A batch makes those of a whole run in one process, where they share the store,
// the index and build environments.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { runTask, runTasks } from '../../tasks/run-executor.js';
import { limitsOf } from '../../workspace/plugin-options.js';
import { WheelMaker } from '../../wheels/make-wheel.js';
import type { PinOptions } from '../../workspace/read-pin.js';

const CONCURRENCY = 8;

export default async function wheel(options: PinOptions, context: ExecutorContext): Promise<{ success: boolean }> {
  return runTask(context, ({ root, store, settings }) =>
    new WheelMaker(root, store, { pins: [options], limits: limitsOf(settings) }).make(options),
  );
}

export function batch(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  context: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  return runTasks(graph, context, ({ root, store, settings }) => {
    const maker = new WheelMaker(root, store, { pins: Object.values(options), limits: limitsOf(settings) });
    return runBatch(graph, options, CONCURRENCY, (pin) => maker.make(pin));
  });
}
