// Reads the dependencies of tasks from Nx's task graphs.

/** Before Nx 24 a dependency is the id of a task; since then it is an object with the id. */
export type DependenciesOfTasks = Readonly<Record<string, readonly (string | { id: string })[] | undefined>>;

export function dependencyIds(dependencies: DependenciesOfTasks, id: string): string[] {
  return (dependencies[id] ?? []).map((dependency) => (typeof dependency === 'string' ? dependency : dependency.id));
}
