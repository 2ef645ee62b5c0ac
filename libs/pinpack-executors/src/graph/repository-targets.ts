// The targets that make a release's deltas and repository. None of them is in Nx's cache: what is published already has a part in both, and is no file
// of the workspace.
import type { TargetConfiguration } from '@nx/devkit';
import type { Pin } from '@pinpack/python-dist';
import { applicationProject, rpmVersion, RUNTIME, wheelProject } from '@pinpack/rpm-packaging';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import type { LockedReqset } from '../workspace/read-reqset.js';

/** Of a pin or an application. @param name - of its RPM, and of its project */
export function deltaTarget(
  set: string,
  name: string,
  { version, release }: Pick<Pin, 'version' | 'release'>,
): TargetConfiguration {
  return {
    executor: 'pinpack:delta',
    cache: false,
    dependsOn: ['rpm'],
    inputs: [{ externalDependencies: [] }],
    options: { reqset: set, name, version: `${rpmVersion(version).version}-${release}` },
    metadata: {
      description: 'Makes delta RPMs against the versions that are published (network)',
      technologies: ['rpm'],
      help: { command: `npx nx run ${name}:delta`, example: { args: ['--skip-nx-cache'] } },
    },
  };
}

/** Of a set: `delta` of all, and `repo`. */
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

/** The projects whose RPMs are in a set's repository. */
function repositoryProjects(set: string, { pins, applications }: LockedReqset): string[] {
  return [
    ...pins.map(({ name }) => wheelProject(set, name)),
    ...applications.map(({ name }) => applicationProject(set, name)),
    RUNTIME,
  ];
}
