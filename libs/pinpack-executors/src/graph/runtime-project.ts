// The project of pinpack's own RPMs, `pinpack-runtime` and `pinpack-wheelhouse`, which everything that is installed needs: they come with the plugin.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectConfiguration } from '@nx/devkit';
import { REQSETS } from '../workspace/workspace-paths.js';
import { RUNTIME } from '@pinpack/rpm-packaging';

/** Where pinpack itself is developed the sources of the RPM are a project already. */
const SOURCE = 'libs/pinpack-runtime/project.json';

/** None where the workspace has the sources. @param code - digest of pinpack's own code, the Python that runs on the server included */
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
          ],
          options: { code },
          metadata: { description: 'Makes the RPMs of what runs on the server', technologies: ['python', 'rpm'] },
        },
        delta: {
          executor: 'pinpack:delta',
          cache: false,
          dependsOn: ['rpm'],
          inputs: [{ externalDependencies: [] }],
          metadata: {
            description: 'Makes their delta RPMs against the versions that are published (network)',
            technologies: ['rpm'],
          },
        },
      },
      metadata: { technologies: ['python', 'rpm'], description: 'what runs on the server' },
    },
  ];
}
