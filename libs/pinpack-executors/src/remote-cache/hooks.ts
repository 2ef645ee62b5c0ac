// Nx's hooks before and after the tasks of a run. Problems of the store are printed as warnings and fail nothing; wrong settings stop the run before its
// first task.
import type { PostTasksExecution, PreTasksExecution } from '@nx/devkit';
import { excludeNewerIn } from '../locking/exclude-newer.js';
import { runsTarget } from '../tasks/runs-target.js';
import { reportFailure } from '../tasks/report-failure.js';
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
  // Nx prints the message of an error and runs no task.
  const { message } = await reportFailure(() => checkSettings(options, context.argv, environment));
  if (message !== undefined) throw new Error(message);
  try {
    const plan = planRun(checkPluginOptions(options), environment);
    if (plan === undefined) return;
    await openSession(plan, context, environment);
  } catch (error) {
    console.warn(`pinpack store: not used in this run: ${String(error)}`);
  }
};

/** Finds settings with which tasks would fail at their end, or with which a run would silently not use its store. */
async function checkSettings(
  options: PluginOptions | undefined,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const checked = checkPluginOptions(options);
  const plan = planRun(checked, environment);
  if (plan !== undefined) {
    // Imported lazily: this hook runs before every nx command.
    const { parseStoreUrl } = await import('@pinpack/build-store');
    parseStoreUrl(plan.url);
  }
  const isPublished = runsTarget(argv, 'publish');
  if (!isPublished && !['repo', 'delta'].some((target) => runsTarget(argv, target))) return;
  const { checkPublishing, checkRepositoryTools } = await import('../publishing/check-before-run.js');
  await (isPublished ? checkPublishing : checkRepositoryTools)(checked, environment);
}

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
