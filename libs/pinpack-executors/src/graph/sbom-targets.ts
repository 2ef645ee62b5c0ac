// Plans the target `sbom` of a set or an application. Pure.
import type { TargetConfiguration } from '@nx/devkit';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { sbomPaths } from '../sbom/sbom-paths.js';

export interface SbomTargetRequest {
  /** `reqset3`, `multi/py311` */
  set: string;
  /** Of the reqset or the application. */
  project: string;
  /** Folder of the application; absent for the whole reqset. */
  app?: string;
  /** The tasks that make the wheels of its pins. */
  wheels: NonNullable<TargetConfiguration['dependsOn']>[number];
  /** Digest of pinpack's code. */
  code: string;
}

export function sbomTarget({ set, project, app, wheels, code }: SbomTargetRequest): TargetConfiguration {
  return {
    executor: 'pinpack:sbom',
    cache: true,
    dependsOn: [wheels],
    // The lock has the edges between pins, which application.json does not.
    inputs: [
      `{workspaceRoot}/${reqsetPaths(set).lock}`,
      { dependentTasksOutputFiles: '**/*.whl' },
      { externalDependencies: [] },
    ],
    outputs: Object.values(sbomPaths(set, project)).map((path: string) => `{workspaceRoot}/${path}`),
    options: { reqset: set, ...(app !== undefined && { app }), code },
    metadata: {
      description: 'Makes SBOMs (CycloneDX, SPDX) and a notice with all licence texts',
      technologies: ['python'],
      help: { command: `npx nx run ${project}:sbom`, example: { args: ['--skip-nx-cache'] } },
    },
  };
}
