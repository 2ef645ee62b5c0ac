// `nx run <reqset>:repo`
import type { ExecutorContext } from '@nx/devkit';
import { pluginOptions } from '../../workspace/plugin-options.js';
import { withReleaseTools } from '../../repository/release-tools.js';
import { runReported } from '../../tasks/report-failure.js';
import { makeRepository } from '../../repository/make-repository.js';

export interface RepoOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
}

export default async function repo(
  { reqset: set }: RepoOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const settings = pluginOptions(nxJsonConfiguration);
  const { vendor = 'pinpack' } = settings;
  return runReported(() =>
    withReleaseTools(settings, process.env, async (tools) => {
      console.log(await makeRepository({ root, set, vendor, tools, environment: process.env }));
    }),
  );
}
