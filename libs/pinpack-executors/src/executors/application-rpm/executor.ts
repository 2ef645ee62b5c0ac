// `nx run <reqset>-<app>:rpm`, and the application RPMs of a whole run in one process.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { ApplicationRpmRun } from '../../rpms/application-rpm-run.js';
import { runReported } from '../../tasks/report-failure.js';
import { runBatch, type BatchResult } from '../../tasks/run-batch.js';
import { withStoreOfRun } from '../../tasks/store-of-run.js';
import { pluginOptions } from '../../workspace/plugin-options.js';
import type { ApplicationOptions } from '../../workspace/read-application.js';

const CONCURRENCY = 4;

export default async function applicationRpm(
  options: ApplicationOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const settings = pluginOptions(nxJsonConfiguration);
  return runReported(() =>
    withStoreOfRun(settings, (store) => new ApplicationRpmRun({ root, settings, store }, 1).make(options)),
  );
}

export function batch(
  graph: TaskGraph,
  options: Record<string, ApplicationOptions>,
  _overrides: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<Record<string, BatchResult>> {
  const settings = pluginOptions(nxJsonConfiguration);
  return withStoreOfRun(settings, (store) => {
    const run = new ApplicationRpmRun({ root, settings, store }, Object.keys(options).length);
    return runBatch(graph, options, CONCURRENCY, (application) => run.make(application));
  });
}
