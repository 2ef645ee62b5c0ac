// Infers the projects from requirements, locks and applications. It runs before every nx command: it reads files, and nothing else.
import { basename, dirname } from 'node:path';
import type { CreateNodes, CreateNodesContext, CreateNodesResultArray, ProjectConfiguration } from '@nx/devkit';
import { parsePyproject } from '@pinpack/python-dist';
import { readApplicationOrder } from '../application/read-application.js';
import { codeDigest } from '../code-digest.js';
import { APPS, namesSet, REQSETS, reqsetPlace, setOfLock, splitSet } from '../reqset/place.js';
import { readIfThere } from '../reqset/read-lock.js';
import { orProblem, readReqset } from '../reqset/read-reqset.js';
import { readSets } from '../reqset/settings.js';
import { checkNames } from './clashes.js';
import { runtimeProjects } from './runtime-project.js';
import {
  applicationConfiguration,
  brokenReqsetProject,
  pinProject,
  setProject,
  sourceProject,
  variantsProject,
} from './targets.js';

const GLOB = `{${REQSETS}/*/requirements.txt,${REQSETS}/*/pylock.toml,${REQSETS}/*/pylock.*.toml,${APPS}/*/pyproject.toml}`;

export const createNodes: CreateNodes = [GLOB, (files, _options, context) => infer(files, context)];

/** The name that Nx 22 and 23 look for. */
export const createNodesV2 = createNodes;

function infer(files: readonly string[], { workspaceRoot }: CreateNodesContext): CreateNodesResultArray {
  const code = codeDigest();
  const inferred = files.map((file, index) => {
    // With the first file, whichever it is.
    const own = index === 0 ? runtimeProjects(workspaceRoot, code) : [];
    return [file, [...own, ...projectsOf(file, workspaceRoot, code)]] as const;
  });
  checkNames(inferred.flatMap(([, projects]) => projects));
  return inferred.map(([file, projects]) => [
    file,
    { projects: Object.fromEntries(projects.map(({ root, ...project }) => [root, project])) },
  ]);
}

function projectsOf(file: string, root: string, code: string): ProjectConfiguration[] {
  const folder = basename(dirname(file));
  switch (basename(file)) {
    case 'requirements.txt':
      return reqsetProjects(root, folder);
    case 'pyproject.toml':
      return applicationProjects(root, folder, code);
    default:
      return lockProjects(root, setOfLock(file), code);
  }
}

function reqsetProjects(root: string, reqset: string): ProjectConfiguration[] {
  const sets = orProblem(() => readSets(root, reqset));
  if ('problem' in sets) return [brokenReqsetProject(reqset, sets)];
  const projects = sets.map((set) => setProject(set, readReqset(root, set)));
  return sets.includes(reqset) ? projects : [variantsProject(reqset, sets), ...projects];
}

/** None for a lock that is left of a variant: `nx sync` removes it. */
function lockProjects(root: string, set: string, code: string): ProjectConfiguration[] {
  if (!setsOrNone(root, splitSet(set).reqset).includes(set)) return [];
  const locked = readReqset(root, set);
  return 'problem' in locked ? [] : locked.pins.map((pin) => pinProject(set, pin, code));
}

function applicationProjects(root: string, app: string, code: string): ProjectConfiguration[] {
  const path = `${APPS}/${app}`;
  const project = orProblem(() => parsePyproject(readIfThere(`${root}/${path}/pyproject.toml`) ?? '', path));
  if (project === undefined) return [];
  if ('problem' in project) return [sourceProject(app, project)];
  const reqsets = [...new Set(project.reqsets.map((name) => splitSet(name).reqset))].filter(
    (reqset) => readIfThere(`${root}/${reqsetPlace(reqset).requirements}`) !== undefined,
  );
  const sets = reqsets.flatMap((reqset) => setsOrNone(root, reqset)).filter((set) => namesSet(project.reqsets, set));
  return [
    sourceProject(app),
    ...sets.map((set) => {
      const order = orProblem(() => readApplicationOrder(root, set, app));
      return applicationConfiguration(set, app, order, code);
    }),
  ];
}

/** What is wrong with the settings is told by the reqset's own targets. */
function setsOrNone(root: string, reqset: string): string[] {
  const sets = orProblem(() => readSets(root, reqset));
  return 'problem' in sets ? [] : sets;
}
