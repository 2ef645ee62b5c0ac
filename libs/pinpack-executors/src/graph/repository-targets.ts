// Plans the targets that make deltas and repositories. Nx does not cache them: both depend on earlier publications, which are outside of the workspace.
import type { TargetConfiguration } from '@nx/devkit';
import type { Pin } from '@pinpack/python-dist';
import { applicationProject, formatVersionRelease, RUNTIME, wheelProject } from '@pinpack/rpm-packaging';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import type { LockedReqset } from '../workspace/read-reqset.js';

/** The target `delta` of a pin or an application. @param name - of its RPM and its project */
export function deltaTarget(set: string, name: string, pin: Pick<Pin, 'version' | 'release'>): TargetConfiguration {
  return {
    executor: 'pinpack:delta',
    cache: false,
    dependsOn: ['rpm'],
    inputs: [{ externalDependencies: [] }],
    options: { reqset: set, name, version: formatVersionRelease(pin) },
    metadata: {
      description: 'Makes delta RPMs against the published versions (network)',
      technologies: ['rpm'],
      help: { command: `npx nx run ${name}:delta`, example: { args: ['--skip-nx-cache'] } },
    },
  };
}

/** The targets `delta`, for all RPMs, and `repo` of a set. */
export function repositoryTargets(set: string, locked: LockedReqset): Record<string, TargetConfiguration> {
  const { project, lock } = reqsetPaths(set);
  const projects = repositoryProjects(set, locked);
  const common = { cache: false, inputs: [`{workspaceRoot}/${lock}`, { externalDependencies: [] }] };
  return {
    delta: {
      ...common,
      executor: 'nx:noop',
      dependsOn: [{ projects, target: 'delta' }],
      metadata: { description: `\`delta\` of every RPM of ${project}` },
    },
    repo: {
      ...common,
      executor: 'pinpack:repo',
      dependsOn: [
        { projects, target: 'rpm' },
        { projects, target: 'delta' },
      ],
      options: { reqset: set },
      metadata: {
        description: 'Makes the dnf repository: RPMs, deltas, metadata and signatures (network)',
        technologies: ['rpm'],
        help: { command: `npx nx run ${project}:repo`, example: { args: ['--skip-nx-cache'] } },
      },
    },
  };
}

/** The projects whose RPMs a set's hosts need: pins, applications and pinpack-runtime. */
export function repositoryProjects(set: string, { pins, applications }: LockedReqset): string[] {
  return [
    ...pins.map(({ name }) => wheelProject(set, name)),
    ...applications.map(({ name }) => applicationProject(set, name)),
    RUNTIME,
  ];
}
