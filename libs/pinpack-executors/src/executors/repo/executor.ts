// `nx run <reqset>:repo`: makes the dnf repository of a set.
import type { ExecutorContext } from '@nx/devkit';
import { pluginOptions, vendorOf } from '../../workspace/plugin-options.js';
import { withPublishTools } from '../../repository/publish-tools.js';
import { runReported } from '../../tasks/report-failure.js';
import { readFixes } from '../../vulnerabilities/advisory-fixes.js';
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
      const environment = process.env;
      const readFixesOf = (names: readonly string[]) => readFixes({ root, options: settings, environment, names });
      const vendor = vendorOf(settings);
      console.log(await makeRepository({ root, set, vendor, tools, environment, readFixes: readFixesOf }));
    });
  });
}
