// `nx run <reqset>-<app>:rpm`: packs the RPM of an application. A batch packs those of a whole run in one process.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { applicationRpmTask } from '../../rpms/rpm-tasks.js';
import { runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { runTask, runTasks } from '../../tasks/run-executor.js';
import type { ApplicationOptions } from '../../workspace/read-application.js';

const CONCURRENCY = 4;

export default async function applicationRpm(
  options: ApplicationOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runTask(context, (run) => applicationRpmTask(run, 1)(options));
}

export function batch(
  graph: TaskGraph,
  options: Record<string, ApplicationOptions>,
  _overrides: unknown,
  context: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  return runTasks(graph, context, (run) =>
    runBatch(graph, options, CONCURRENCY, applicationRpmTask(run, Object.keys(options).length)),
  );
}
