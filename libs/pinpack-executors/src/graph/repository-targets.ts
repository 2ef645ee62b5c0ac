// Plans the targets that make deltas and repositories. Nx does not cache them: both depend on earlier publications, which are outside of the workspace.
import type { TargetConfiguration } from '@nx/devkit';
import type { Pin } from '@pinpack/python-dist';
import { formatVersionRelease } from '@pinpack/rpm-packaging';
import { reqsetPaths } from '../workspace/workspace-paths.js';

/** The target `delta` of a pin or an application. @param name - of its RPM and its project */
export function deltaTarget(set: string, name: string, pin: Pick<Pin, 'version' | 'release'>): TargetConfiguration {
  return {
    executor: 'pinpack:delta',
    dependsOn: ['rpm'],
    // By default Nx would hash the files of all dependencies, and it fails for pinpack-runtime, which has none.
    inputs: [{ externalDependencies: [] }],
    options: { reqset: set, name, version: formatVersionRelease(pin) },
  };
}

/** The targets `delta`, for all RPMs, and `repo` of a set. It depends on the projects of all RPMs: pins, applications and pinpack-runtime. */
export function repositoryTargets(set: string): Record<string, TargetConfiguration> {
  const { project, lock } = reqsetPaths(set);
  const common = { cache: false, inputs: [`{workspaceRoot}/${lock}`, { externalDependencies: [] }] };
  return {
    delta: {
      ...common,
      executor: 'nx:noop',
      dependsOn: ['^delta'],
      metadata: { description: `\`delta\` of every RPM of ${project}` },
    },
    repo: {
      ...common,
      executor: 'pinpack:repo',
      dependsOn: ['^rpm', '^delta'],
      options: { reqset: set },
      metadata: {
        description: 'Makes the dnf repository: RPMs, deltas, metadata and signatures (network)',
        technologies: ['rpm'],
        help: { command: `npx nx run ${project}:repo`, example: { args: ['--skip-nx-cache'] } },
      },
    },
  };
}
