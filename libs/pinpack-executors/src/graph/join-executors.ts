// Gives the targets that make wheels and RPMs one executor, so that Nx passes all of their tasks to one process. Pure.
import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';

const JOINED = ['wheel', 'rpm', 'application-rpm', 'runtime-rpm'];
const PREFIX = 'pinpack:';

/**
 * Before, Nx keeps the hashes that the tasks of a batch had before it ran, and those that read outputs of others in the same batch have wrong ones. 22.7 means to hash them
 * again, but skips tasks with a hash. Versions between 22.7 and 23.2 were not tried.
 *
 * @param version - of Nx
 */
export function joinsDependents(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 2);
}

export function joinExecutors(project: ProjectConfiguration): ProjectConfiguration {
  if (project.targets === undefined) return project;
  const targets = { ...project.targets };
  for (const name of Object.keys(targets)) targets[name] = joinExecutor(targets[name] ?? {});
  return { ...project, targets };
}

function joinExecutor(target: TargetConfiguration): TargetConfiguration {
  const { executor = '' } = target;
  const output = executor.slice(PREFIX.length);
  if (!executor.startsWith(PREFIX) || !JOINED.includes(output)) return target;
  return { ...target, executor: `${PREFIX}build`, options: { output, ...(target.options as object) } };
}
