// `nx run <reqset>:sbom`, `nx run <reqset>-<app>:sbom`: makes the SBOMs and the notice of a reqset or an application.
import type { ExecutorContext } from '@nx/devkit';
import { makeSbom } from '../../sbom/make-sbom.js';
import { runReported } from '../../tasks/report-failure.js';

export interface SbomOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  /** Folder of the application; absent for the whole reqset. */
  app?: string;
}

export default async function sbom(
  { reqset: set, app }: SbomOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const { project, paths, bill } = await makeSbom({ root, set, app });
    const bundled = bill.components.reduce((sum, component) => sum + component.bundled.length, 0);
    const counted = `${bill.components.length} components, ${bundled} bundled ones`;
    console.log(`${project}: ${paths.cyclonedx}, ${paths.spdx}, ${paths.notice}: ${counted}`);
  });
}
