// Infers the dependencies between projects: a pin depends on the runtime and build requirements of its wheel, a reqset on its pins and applications,
// an application on its library and on pinpack-runtime.
import { basename } from 'node:path';
import { DependencyType, type CreateDependencies, type RawProjectGraphDependency } from '@nx/devkit';
import type { Application, Pin } from '@pinpack/python-dist';
import { applicationFolder, pinFolder, REQSETS } from '../workspace/workspace-paths.js';
import { applicationProject, pythonProject, RUNTIME, setLabel, wheelProject } from '@pinpack/rpm-packaging';
import { orProblem, readReqset, type LockedReqset, type Problem } from '../workspace/read-reqset.js';
import { readSets } from '../workspace/reqset-settings.js';

export const createDependencies: CreateDependencies = (_options, { projects, workspaceRoot }) => {
  const roots = new Map(Object.entries(projects).map(([name, { root }]) => [root, name]));
  const reqsets = [...roots.keys()].filter((root) => root.split('/').length === 2 && root.startsWith(`${REQSETS}/`));
  const edges = reqsets.flatMap((root) => reqsetEdges(workspaceRoot, basename(root)));
  // Another plugin or a project.json may have removed or renamed a project; an edge to a missing project would break every command.
  return edges.filter(({ source, target }) => source in projects && target in projects);
};

function reqsetEdges(root: string, reqset: string): RawProjectGraphDependency[] {
  const sets = orProblem(() => readSets(root, reqset));
  if ('problem' in sets) return [];
  return sets.flatMap((set) => [
    ...setEdges(set, readReqset(root, set)),
    ...(set === reqset ? [] : [memberEdge(reqset, setLabel(set))]),
  ]);
}

function setEdges(set: string, locked: LockedReqset | Problem): RawProjectGraphDependency[] {
  if ('problem' in locked) return [];
  return [
    ...(locked.python === undefined ? [] : [memberEdge(setLabel(set), pythonProject(set))]),
    ...locked.pins.flatMap((pin) => [...pinEdges(set, pin), memberEdge(setLabel(set), wheelProject(set, pin.name))]),
    ...locked.applications.flatMap((application) => [
      ...applicationEdges(set, application),
      memberEdge(setLabel(set), applicationProject(set, application.name)),
    ]),
    memberEdge(setLabel(set), RUNTIME),
  ];
}

/** Implicit, because the lock of a variant is a file of another project: the reqset's. */
function memberEdge(source: string, target: string): RawProjectGraphDependency {
  return { source, target, type: DependencyType.implicit };
}

function pinEdges(reqset: string, { name, dependencies, source, interpreter }: Pin): RawProjectGraphDependency[] {
  const builtWith = 'buildRequires' in source ? source.buildRequires.map((requirement) => requirement.name) : [];
  const needed = [...new Set([...dependencies, ...builtWith])].map((dependency) => wheelProject(reqset, dependency));
  // Only if its bytes depend on it: another patch version of Python affects no other wheel.
  const python = interpreter === undefined ? [] : [pythonProject(reqset)];
  return [...needed, ...python, ...(source.kind === 'directory' ? [basename(source.path)] : [])].map((target) => ({
    source: wheelProject(reqset, name),
    target,
    type: DependencyType.static,
    sourceFile: `${pinFolder(reqset, name)}/pin.json`,
  }));
}

function applicationEdges(reqset: string, { name, library, interpreter }: Application): RawProjectGraphDependency[] {
  const python = interpreter === undefined ? [] : [pythonProject(reqset)];
  return [wheelProject(reqset, library), ...python, RUNTIME].map((target) => ({
    source: applicationProject(reqset, name),
    target,
    type: DependencyType.static,
    sourceFile: `${applicationFolder(reqset, name)}/application.json`,
  }));
}
