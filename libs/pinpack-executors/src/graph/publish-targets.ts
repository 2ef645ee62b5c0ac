// Plans the publishing targets of a set. Nx does not cache them: their result is outside of the workspace.
import type { TargetConfiguration } from '@nx/devkit';
import { reqsetPaths } from '../workspace/workspace-paths.js';

/** @param set - `reqset3`, `multi/py311` */
export function publishTargets(set: string): Record<string, TargetConfiguration> {
  const { project } = reqsetPaths(set);
  const target = (name: string, description: string, args: string[]): TargetConfiguration => ({
    executor: `pinpack:${name}`,
    cache: false,
    inputs: [`{workspaceRoot}/${reqsetPaths(set).lock}`],
    options: { reqset: set },
    metadata: {
      description,
      technologies: ['python', 'rpm'],
      help: { command: `npx nx run ${project}:${name}`, example: { args } },
    },
  });
  return {
    publish: {
      ...target('publish', 'Publishes the repository and the wheels (network)', ['--skip-nx-cache']),
      dependsOn: ['repo', 'wheel'],
    },
    rollback: target('rollback', 'Makes an earlier publication the latest (network)', ['--to=<id>']),
    releases: target('releases', 'Lists the publications (network)', ['--json']),
    verify: target('verify', 'Verifies the latest publication: signatures, age, metadata (network)', ['--key=<file>']),
    provenance: target('provenance', 'Traces a published RPM back to the lock (network)', ['--rpm=<file>']),
  };
}
