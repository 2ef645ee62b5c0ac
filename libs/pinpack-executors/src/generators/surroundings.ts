// What there is in a workspace, for generators: what a new project could clash with, and what it can name.
import { getProjects, type Tree } from '@nx/devkit';
import { APPS, REQSETS, reqsetPaths } from '../workspace/workspace-paths.js';
import { applicationProject, RUNTIME, setLabel, setsOf, splitSet, wheelProject } from '@pinpack/rpm-packaging';
import { parseSettings } from '../workspace/reqset-settings.js';

/** What there is in the workspace that a new project could clash with. */
export interface Surroundings {
  /** Names of the folders below `apps`. */
  apps: readonly string[];
  sets: readonly SetFacts[];
  /** Names of projects that aren't pinpack's. */
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

/** The reqsets of sets, each once. */
export function reqsetsOf(sets: readonly SetFacts[]): string[] {
  return [...new Set(sets.map(({ set }) => splitSet(set).reqset))];
}

/** What has each name of a project already. */
export function takenNames({ apps, projects, sets }: Surroundings): Map<string, string> {
  return new Map<string, string>([
    [RUNTIME, 'what runs on the server for all the others'],
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
