// Plans the project of the RPMs `pinpack-runtime` and `pinpack-wheelhouse`, which come with the plugin and which every wheel and application RPM requires.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectConfiguration } from '@nx/devkit';
import { REQSETS, rpmDigestFile } from '../workspace/workspace-paths.js';
import { DNF_PLUGIN, RUNTIME, WHEELHOUSE } from '@pinpack/rpm-packaging';

/** In the workspace of pinpack itself, the sources of the RPM are a project already. */
const SOURCE = 'libs/pinpack-runtime/project.json';

/** None if the workspace contains the sources. @param code - digest of pinpack's code, including the Python that runs on servers */
export function runtimeProjects(root: string, code: string): ProjectConfiguration[] {
  if (existsSync(join(root, SOURCE))) return [];
  return [
    {
      name: RUNTIME,
      root: REQSETS,
      projectType: 'library',
      tags: ['pinpack:runtime'],
      targets: {
        rpm: {
          executor: 'pinpack:runtime-rpm',
          cache: true,
          inputs: [{ externalDependencies: [] }],
          outputs: [
            '{workspaceRoot}/dist/rpms/pinpack-runtime-*.rpm',
            '{workspaceRoot}/dist/rpms/pinpack-wheelhouse-*.rpm',
            '{workspaceRoot}/dist/rpms/pinpack-dnf-*.rpm',
            ...[RUNTIME, WHEELHOUSE, DNF_PLUGIN].map((name) => `{workspaceRoot}/${rpmDigestFile(undefined, name)}`),
          ],
          options: { code },
          metadata: {
            description: 'Packs pinpack-runtime and pinpack-wheelhouse as RPMs',
            technologies: ['python', 'rpm'],
          },
        },
        delta: {
          executor: 'pinpack:delta',
          cache: false,
          dependsOn: ['rpm'],
          inputs: [{ externalDependencies: [] }],
          metadata: {
            description: 'Makes delta RPMs against the published versions (network)',
            technologies: ['rpm'],
          },
        },
      },
      metadata: { technologies: ['python', 'rpm'], description: 'the runtime of pinpack on servers' },
    },
  ];
}
