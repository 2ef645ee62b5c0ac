// Infers the dependencies between projects: a pin depends on the runtime and build requirements of its wheel, a reqset on its pins and applications,
// an application on its library and on pinpack-runtime.
import { basename, dirname } from 'node:path';
import type { CreateDependencies, DependencyType, ImplicitDependency } from '@nx/devkit';
import type { Application, Pin } from '@pinpack/python-dist';
import { REQSETS } from '../workspace/workspace-paths.js';
import { applicationProject, pythonProject, RUNTIME, setLabel, wheelProject } from '@pinpack/rpm-packaging';
import { orProblem, readReqset, type LockedReqset, type Problem } from '../workspace/read-reqset.js';
import { readSets } from '../workspace/reqset-settings.js';

/** Nx also keeps edges of the other types beside their source files, which slows down every command. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- loading @nx/devkit for its enum takes a quarter of a second
const IMPLICIT = 'implicit' as DependencyType.implicit;

export const createDependencies: CreateDependencies = (_options, { projects, workspaceRoot }) => {
  const reqsets = Object.values(projects).filter(({ root }) => dirname(root) === REQSETS);
  const edges = reqsets.flatMap(({ root }) => reqsetEdges(workspaceRoot, basename(root)));
  // Another plugin or a project.json may have removed or renamed a project; an edge to a missing project would break every command.
  return edges.filter(({ source, target }) => source in projects && target in projects);
};

function reqsetEdges(root: string, reqset: string): ImplicitDependency[] {
  const sets = orProblem(() => readSets(root, reqset));
  if ('problem' in sets) return [];
  return sets.flatMap((set) => [
    ...setEdges(set, readReqset(root, set)),
    ...(set === reqset ? [] : implicitEdges(reqset, [setLabel(set)])),
  ]);
}

function setEdges(set: string, locked: LockedReqset | Problem): ImplicitDependency[] {
  if ('problem' in locked) return [];
  const { pins, applications, python } = locked;
  const wheels = new Map(pins.map(({ name }) => [name, wheelProject(set, name)]));
  const members = [
    ...wheels.values(),
    ...applications.map(({ name }) => applicationProject(set, name)),
    ...(python === undefined ? [] : [pythonProject(set)]),
    RUNTIME,
  ];
  return [
    ...pins.flatMap((pin) => pinEdges(set, pin, wheels)),
    ...applications.flatMap((application) => applicationEdges(set, application)),
    ...implicitEdges(setLabel(set), members),
  ];
}

function implicitEdges(source: string, targets: readonly string[]): ImplicitDependency[] {
  return targets.map((target) => ({ source, target, type: IMPLICIT }));
}

/** @param wheels - the projects of the set's pins, by their names */
function pinEdges(
  set: string,
  { name, dependencies, source, interpreter }: Pin,
  wheels: ReadonlyMap<string, string>,
): ImplicitDependency[] {
  const projectOf = (pin: string): string => wheels.get(pin) ?? wheelProject(set, pin);
  const builtWith = 'buildRequires' in source ? source.buildRequires.map((requirement) => requirement.name) : [];
  return implicitEdges(projectOf(name), [
    ...[...new Set([...dependencies, ...builtWith])].map(projectOf),
    // Only if its bytes depend on it: another patch version of Python affects no other wheel.
    ...(interpreter === undefined ? [] : [pythonProject(set)]),
    ...(source.kind === 'directory' ? [basename(source.path)] : []),
  ]);
}

function applicationEdges(set: string, { name, library, interpreter }: Application): ImplicitDependency[] {
  const python = interpreter === undefined ? [] : [pythonProject(set)];
  return implicitEdges(applicationProject(set, name), [wheelProject(set, library), ...python, RUNTIME]);
}
