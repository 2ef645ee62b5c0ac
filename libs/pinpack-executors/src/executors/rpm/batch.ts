// The RPMs of a whole run in one process: while one is compressed in another thread, the next is read.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { readPin, type PinOptions } from '../../reqset/read-pin.js';
import { largestFirst, runBatch, type BatchResult } from '../../run-batch.js';
import { pluginOptions } from '../../plugin-options.js';
import { withStoreOfRun } from '../../store-key/store-of-run.js';
import { RpmRun } from './rpm-run.js';

/** Each holds its payload in memory; the main thread feeds no more compressors than this. */
const AT_ONCE = 3;

export default function rpms(
  graph: TaskGraph,
  options: Record<string, PinOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  const settings = pluginOptions(nxJsonConfiguration);
  return withStoreOfRun(settings, (store) => {
    const run = new RpmRun({ root, settings, store }, Object.keys(options).length);
    return runBatch(
      largestFirst(graph, (id) => wheelSize(root, options[id])),
      options,
      AT_ONCE,
      (order) => run.make(order),
    );
  });
}

/** 0 where the wheel is built from source, or the pin can't be read: its own task says why. */
function wheelSize(root: string, options: PinOptions | undefined): number {
  try {
    const source = options && readPin(root, options).source;
    return source?.kind === 'wheel' ? source.wheel.size : 0;
  } catch {
    return 0;
  }
}
