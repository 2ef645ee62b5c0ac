// `nx run <reqset>:repo`: makes the dnf repository of a set.
import type { ExecutorContext } from '@nx/devkit';
import { pluginOptions, vendorOf } from '../../workspace/plugin-options.js';
import { withPublishTools } from '../../repository/publish-tools.js';
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
  return runReported(async () => {
    const settings = pluginOptions(nxJsonConfiguration);
    await withPublishTools(settings, process.env, async (tools) => {
      console.log(await makeRepository({ root, set, vendor: vendorOf(settings), tools, environment: process.env }));
    });
  });
}
