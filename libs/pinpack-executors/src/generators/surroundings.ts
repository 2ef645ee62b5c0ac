// Reads the names in a workspace for generators: names that a new project could clash with, and reqsets that it can refer to.
import { getProjects, type Tree } from '@nx/devkit';
import { APPS, REQSETS, reqsetPaths } from '../workspace/workspace-paths.js';
import { applicationProject, RUNTIME, setLabel, setsOf, splitSet, wheelProject } from '@pinpack/rpm-packaging';
import { parseSettings } from '../workspace/reqset-settings.js';

/** The existing names in a workspace. */
export interface Surroundings {
  /** Names of the folders below `apps`. */
  apps: readonly string[];
  sets: readonly SetFacts[];
  /** Names of all projects of other plugins. */
  projects: readonly string[];
}

export interface SetFacts {
  /** `reqset3`, `multi/py311` */
  set: string;
  /** Names of its pins. */
  pins: readonly string[];
  /** `3.11.2` */
  python: string;
}

export function surroundingsOf(tree: Tree): Surroundings {
  const reqsets = tree.children(REQSETS).filter((name) => tree.exists(reqsetPaths(name).requirements));
  return {
    apps: tree.children(APPS),
    projects: [...getProjects(tree).keys()],
    sets: reqsets.flatMap((name) => setFactsOf(tree, name)),
  };
}

function setFactsOf(tree: Tree, reqset: string): SetFacts[] {
  const { settings: file } = reqsetPaths(reqset);
  const { python, variants } = parseSettings(tree.read(file, 'utf-8') ?? '{}', file);
  return setsOf(reqset, variants && Object.keys(variants)).map((set) => ({
    set,
    pins: tree.children(`${reqsetPaths(set).derived}/pins`),
    python: variants?.[splitSet(set).variant ?? '']?.python ?? python,
  }));
}

/** The distinct reqsets of sets. */
export function reqsetsOf(sets: readonly SetFacts[]): string[] {
  return [...new Set(sets.map(({ set }) => splitSet(set).reqset))];
}

/** The project names in use, each with a description of its owner. */
export function takenNames({ apps, projects, sets }: Surroundings): Map<string, string> {
  return new Map<string, string>([
    [RUNTIME, 'the runtime of pinpack on servers'],
    ...apps.map((app) => [app, `the source of ${APPS}/${app}`] as const),
    ...projects.map((project) => [project, 'a project of this workspace'] as const),
    ...reqsetsOf(sets).map((reqset) => [reqset, 'a reqset'] as const),
    ...sets.flatMap(({ set, pins }) => [
      ...(set.includes('/') ? [[setLabel(set), 'a variant of a reqset'] as const] : []),
      ...pins.map((pin) => [wheelProject(set, pin), `the wheel RPM of ${pin}`] as const),
      ...apps.map((app) => [applicationProject(set, app), `the application ${app} of ${setLabel(set)}`] as const),
    ]),
  ]);
}
