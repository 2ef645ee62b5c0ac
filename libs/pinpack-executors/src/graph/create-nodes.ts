// Infers the projects from requirements, locks and applications. Runs before every nx command, so it only reads files.
import { basename, dirname } from 'node:path';
import type { CreateNodes, CreateNodesContext, CreateNodesResultArray, ProjectConfiguration } from '@nx/devkit';
import { parsePyproject } from '@pinpack/python-dist';
import { readApplicationRequest } from '../workspace/read-application.js';
import { codeDigests, namesSet, splitSet, type CodeDigests } from '@pinpack/rpm-packaging';
import { APPS, REQSETS, reqsetPaths, setOfLock } from '../workspace/workspace-paths.js';
import { readIfThere } from '../workspace/files.js';
import { orProblem, readReqset } from '../workspace/read-reqset.js';
import { readSets } from '../workspace/reqset-settings.js';
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
  const codes = codeDigests();
  const inferred = files.map((file, index) => {
    // They belong to no file, so the first one brings them.
    const own = index === 0 ? runtimeProjects(workspaceRoot, codes['runtime-rpm']) : [];
    return [file, [...own, ...projectsOf(file, workspaceRoot, codes)]] as const;
  });
  checkNames(inferred.flatMap(([, projects]) => projects));
  return inferred.map(([file, projects]) => [
    file,
    { projects: Object.fromEntries(projects.map(({ root, ...project }) => [root, project])) },
  ]);
}

function projectsOf(file: string, root: string, codes: CodeDigests): ProjectConfiguration[] {
  const folder = basename(dirname(file));
  switch (basename(file)) {
    case 'requirements.txt':
      return reqsetProjects(root, folder);
    case 'pyproject.toml':
      return applicationProjects(root, folder, codes);
    default:
      return lockProjects(root, setOfLock(file), codes);
  }
}

function reqsetProjects(root: string, reqset: string): ProjectConfiguration[] {
  const sets = orProblem(() => readSets(root, reqset));
  if ('problem' in sets) return [brokenReqsetProject(reqset, sets)];
  const projects = sets.map((set) => setProject(set, readReqset(root, set)));
  return sets.includes(reqset) ? projects : [variantsProject(reqset, sets), ...projects];
}

/** None for the lock of a removed variant: `nx sync` deletes it. */
function lockProjects(root: string, set: string, codes: CodeDigests): ProjectConfiguration[] {
  if (!setsOrNone(root, splitSet(set).reqset).includes(set)) return [];
  const locked = readReqset(root, set);
  return 'problem' in locked ? [] : locked.pins.map((pin) => pinProject(set, pin, codes));
}

function applicationProjects(root: string, app: string, codes: CodeDigests): ProjectConfiguration[] {
  const path = `${APPS}/${app}`;
  const project = orProblem(() => parsePyproject(readIfThere(`${root}/${path}/pyproject.toml`) ?? '', path));
  if (project === undefined) return [];
  if ('problem' in project) return [sourceProject(app, project)];
  const reqsets = [...new Set(project.reqsets.map((name) => splitSet(name).reqset))].filter(
    (reqset) => readIfThere(`${root}/${reqsetPaths(reqset).requirements}`) !== undefined,
  );
  const sets = reqsets.flatMap((reqset) => setsOrNone(root, reqset)).filter((set) => namesSet(project.reqsets, set));
  return [
    sourceProject(app),
    ...sets.map((set) => {
      const request = orProblem(() => readApplicationRequest(root, set, app));
      return applicationConfiguration(set, app, request, codes);
    }),
  ];
}

/** None if the settings are invalid: the reqset's own targets report that. */
function setsOrNone(root: string, reqset: string): string[] {
  const sets = orProblem(() => readSets(root, reqset));
  return 'problem' in sets ? [] : sets;
}
