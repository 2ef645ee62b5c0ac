// The steps of a run that make a file of a reqset: wheels, wheel RPMs, application RPMs and pinpack's own RPMs.
import type { TaskGraph } from '@nx/devkit';
import { largestFirst } from '../tasks/run-batch.js';
import type { RunContext } from '../tasks/run-executor.js';
import { WheelMaker } from '../wheels/make-wheel.js';
import type { ApplicationOptions } from '../workspace/read-application.js';
import type { PinOptions } from '../workspace/read-pin.js';
import { makeRuntimeRpms } from './make-runtime-rpms.js';
import { applicationRpmTask, wheelRpmTask, wheelSize } from './rpm-tasks.js';

export type StepOptions =
  | (PinOptions & { output: 'wheel' | 'rpm' })
  | (ApplicationOptions & { output: 'application-rpm' })
  | { output: 'runtime-rpm' };

/** @param all - the steps of the run, for its progress lines */
export function stepsOf(run: RunContext, all: readonly StepOptions[]): (options: StepOptions) => Promise<void> {
  const pins = all.flatMap((one) => (one.output === 'wheel' ? [one] : []));
  const count = all.length - pins.length;
  const wheels = new WheelMaker(run, pins);
  const wheelRpm = wheelRpmTask(run, count);
  const applicationRpm = applicationRpmTask(run, count);
  return (options) => {
    switch (options.output) {
      case 'wheel':
        return wheels.make(options);
      case 'rpm':
        return wheelRpm(options);
      case 'application-rpm':
        return applicationRpm(options);
      case 'runtime-rpm':
        return makeRuntimeRpms(run);
    }
  };
}

/** Sorts builds first, then the packing of wheels by their size. */
export function builtFirst(graph: TaskGraph, root: string, options: Record<string, StepOptions>): TaskGraph {
  return largestFirst(graph, (id) => {
    const step = options[id];
    if (step?.output === 'wheel') return Infinity;
    return step?.output === 'rpm' ? wheelSize(root, step) : 0;
  });
}
