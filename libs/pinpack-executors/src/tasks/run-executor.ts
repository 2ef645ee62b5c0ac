// Runs the tasks of an executor with the plugin's options and the run's store, one task or a batch of them, and reports failures.
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import type { Store } from '@pinpack/build-store';
import type { BuildPolicy } from '@pinpack/python-dist';
import { pluginOptions, type PluginOptions } from '../workspace/plugin-options.js';
import { buildPolicyOf } from '../workspace/sandbox-setting.js';
import { reportFailure, runReported } from './report-failure.js';
import { failAll, type BatchResult } from './run-batch.js';
import { withStoreOfRun } from './store-of-run.js';

/** Shared by all tasks of a run. */
export interface RunContext {
  /** The workspace's root. */
  root: string;
  settings: PluginOptions;
  /** How builds from source are confined. */
  policy: BuildPolicy;
  /** Whether Nx uploads results of tasks to Nx Cloud. */
  usesNxCloud: boolean;
  store: Promise<Store | undefined>;
}

type NxContext = Pick<ExecutorContext, 'root' | 'nxJsonConfiguration'>;

export function runTask(context: NxContext, task: (run: RunContext) => Promise<void>): Promise<{ success: boolean }> {
  return runReported(() => withRunContext(context, task));
}

/** A failure outside of the tasks, such as a wrong option of the plugin, is reported once and fails all of them. */
export async function runTasks(
  graph: TaskGraph,
  context: NxContext,
  runAll: (run: RunContext) => Promise<Record<string, BatchResult>>,
): Promise<Record<string, BatchResult>> {
  let results: Record<string, BatchResult> = {};
  const { message } = await reportFailure(() =>
    withRunContext(context, async (run) => {
      results = await runAll(run);
    }),
  );
  return message === undefined ? results : failAll(graph, message);
}

async function withRunContext(
  { root, nxJsonConfiguration }: NxContext,
  task: (run: RunContext) => Promise<void>,
): Promise<void> {
  const settings = pluginOptions(nxJsonConfiguration);
  const policy = buildPolicyOf(settings);
  const { nxCloudId, nxCloudAccessToken } = nxJsonConfiguration;
  const usesNxCloud = nxCloudId !== undefined || nxCloudAccessToken !== undefined;
  await withStoreOfRun(settings, (store) => task({ root, settings, policy, usesNxCloud, store }));
}
