// Nx's hooks before and after the tasks of a run. Errors are printed as warnings and fail nothing.
import type { PostTasksExecution, PreTasksExecution } from '@nx/devkit';
import { excludeNewerIn } from '../locking/exclude-newer.js';
import { suggestOptions } from '../tasks/suggest-options.js';
import { checkPluginOptions, type PluginOptions } from '../workspace/plugin-options.js';
import { openSession } from './open-session.js';
import { planRun } from './plan-run.js';
import { findRunFolder } from './run-folder.js';

export const preTasksExecution: PreTasksExecution<PluginOptions> = async (options, context) => {
  const environment = process.env;
  const excludeNewer = excludeNewerIn(context.argv);
  for (const hint of suggestOptions(context.argv)) console.warn(hint);
  if (excludeNewer !== undefined) environment.PINPACK_EXCLUDE_NEWER = excludeNewer;
  try {
    const plan = planRun(checkPluginOptions(options), environment);
    if (plan === undefined) return;
    await openSession(plan, context, environment);
  } catch (error) {
    console.warn(`pinpack store: not used in this run: ${String(error)}`);
  }
};

export const postTasksExecution: PostTasksExecution<PluginOptions> = async (_options, context) => {
  const folder = findRunFolder(context.id, process.env);
  if (folder === undefined) return;
  try {
    const { closeSession } = await import('./close-session.js');
    await closeSession(folder, context.taskResults);
  } catch (error) {
    console.warn(`pinpack store: ${String(error)}`);
  }
};
