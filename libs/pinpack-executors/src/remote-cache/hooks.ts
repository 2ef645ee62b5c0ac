// What Nx calls before and after the tasks of a run. Whatever goes wrong here is told and fails nothing.
import type { PostTasksExecution, PreTasksExecution } from '@nx/devkit';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { openSession } from './open-session.js';
import { planRun } from './plan-run.js';
import { findRunFolder } from './run-folder.js';

export const preTasksExecution: PreTasksExecution<PluginOptions> = async (options, context) => {
  const environment = process.env;
  const plan = planRun(options, environment);
  if (plan === undefined) return;
  try {
    await openSession(plan, context, environment);
  } catch (error) {
    console.warn(`pinpack store: this run goes without it: ${String(error)}`);
  }
};

export const postTasksExecution: PostTasksExecution<PluginOptions> = async (_options, context) => {
  const folder = findRunFolder(context.id, process.env);
  if (folder === undefined) return;
  try {
    const { closeSession } = await import('./close-session.js');
    await closeSession(folder);
  } catch (error) {
    console.warn(`pinpack store: ${String(error)}`);
  }
};
