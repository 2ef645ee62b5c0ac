// Infers the projects from requirements, locks and applications. Runs before every nx command, so it only reads files.
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import type { CreateNodes, CreateNodesContext, CreateNodesResultArray, ProjectConfiguration } from '@nx/devkit';
import { parsePyproject } from '@pinpack/python-dist';
import { readApplicationRequest } from '../workspace/read-application.js';
import { codeDigests, namesSet, splitSet, type ApplicationRequest, type CodeDigests } from '@pinpack/rpm-packaging';
import { applicationFolder, APPS, REQSETS, reqsetPaths, setOfLock } from '../workspace/workspace-paths.js';
import { listNames, readIfThere } from '../workspace/files.js';
import { orProblem, readReqset, type LockedReqset, type Problem } from '../workspace/read-reqset.js';
import { readSets } from '../workspace/reqset-settings.js';
import { findStaleness } from '../workspace/stale-lock.js';
import { checkNames, checkUnits } from './clashes.js';
import { joinExecutors, joinsDependents } from './join-executors.js';
import { bundledPythonProject } from './python-targets.js';
import { runtimeProjects } from './runtime-project.js';
import {
  applicationConfiguration,
  brokenReqsetProject,
  pinProject,
  setProject,
  sourceProject,
  variantsProject,
  type PinContext,
} from './targets.js';

const GLOB = `{${REQSETS}/*/requirements.txt,${REQSETS}/*/pylock.toml,${REQSETS}/*/pylock.*.toml,${APPS}/*/pyproject.toml}`;

export const createNodes: CreateNodes = [GLOB, (files, _options, context) => infer(files, context)];

/** The name that Nx 22 and 23 look for. */
export const createNodesV2 = createNodes;

async function infer(files: readonly string[], { workspaceRoot }: CreateNodesContext): Promise<CreateNodesResultArray> {
  const codes = codeDigests();
  const stale = await findStaleLocks(files, workspaceRoot);
  const isJoined = joinsDependents(nxVersion());
  const requests: ApplicationRequest[] = [];
  const inferred = files.map((file, index) => {
    // They belong to no file, so the first one brings them.
    const own = index === 0 ? runtimeProjects(workspaceRoot, codes['runtime-rpm']) : [];
    const projects = [...own, ...projectsOf(file, { root: workspaceRoot, codes, stale, requests })];
    return [file, isJoined ? projects.map(joinExecutors) : projects] as const;
  });
  checkNames(inferred.flatMap(([, projects]) => projects));
  checkUnits(requests);
  return inferred.map(([file, projects]) => [
    file,
    { projects: Object.fromEntries(projects.map((project) => [project.root, project])) },
  ]);
}

/** Of the workspace. */
function nxVersion(): string {
  const { version } = createRequire(import.meta.url)('nx/package.json') as { version: string };
  return version;
}

/** The problems of stale locks, by set. */
type StaleLocks = ReadonlyMap<string, Problem>;

async function findStaleLocks(files: readonly string[], root: string): Promise<StaleLocks> {
  const sets = files.filter((file) => file.endsWith('.toml') && file.startsWith(REQSETS)).map(setOfLock);
  const found = await Promise.all(sets.map(async (set) => [set, await findStaleness(root, set)] as const));
  return new Map(found.flatMap(([set, problem]) => (problem === undefined ? [] : [[set, problem]])));
}

interface InferContext {
  /** The workspace's root. */
  root: string;
  codes: CodeDigests;
  stale: StaleLocks;
  /** Those of all applications that are read. */
  requests: ApplicationRequest[];
}

function projectsOf(file: string, context: InferContext): ProjectConfiguration[] {
  const folder = basename(dirname(file));
  switch (basename(file)) {
    case 'requirements.txt':
      return reqsetProjects(folder, context);
    case 'pyproject.toml':
      return applicationProjects(folder, context);
    default:
      return lockProjects(setOfLock(file), context);
  }
}

function reqsetProjects(reqset: string, { root, codes, stale }: InferContext): ProjectConfiguration[] {
  const sets = orProblem(() => readSets(root, reqset));
  if ('problem' in sets) return [brokenReqsetProject(reqset, sets)];
  const projects = sets.map((set) => setProject(set, readReqset(root, set), { codes, stale: stale.get(set) }));
  return sets.includes(reqset) ? projects : [variantsProject(reqset), ...projects];
}

/** None for the lock of a removed variant: `nx sync` deletes it. */
function lockProjects(set: string, { root, codes, stale }: InferContext): ProjectConfiguration[] {
  if (!setsOrNone(root, splitSet(set).reqset).includes(set)) return [];
  const locked = readReqset(root, set);
  if ('problem' in locked) return [];
  const { python } = locked;
  return [
    ...(python === undefined ? [] : [bundledPythonProject(set, python, codes['python-rpm'])]),
    ...pinProjects(set, locked, { codes, isStale: stale.has(set) }),
  ];
}

const planned = new WeakMap<LockedReqset, { isStale: boolean | undefined; projects: ProjectConfiguration[] }>();

/** A plugin worker keeps those of locks that have not changed. Without isolation, Nx itself gets the objects, and may change them. */
function pinProjects(set: string, locked: LockedReqset, context: PinContext): ProjectConfiguration[] {
  const known = planned.get(locked);
  if (known !== undefined && known.isStale === context.isStale) return known.projects;
  const projects = locked.pins.map((pin) => pinProject(set, pin, context));
  if ('NX_PLUGIN_WORKER' in globalThis) planned.set(locked, { isStale: context.isStale, projects });
  return projects;
}

function applicationProjects(app: string, { root, codes, requests }: InferContext): ProjectConfiguration[] {
  const path = `${APPS}/${app}`;
  const project = orProblem(() => parsePyproject(readIfThere(`${root}/${path}/pyproject.toml`) ?? '', path));
  if (project === undefined) return [];
  // Its reqsets are unknown, but the files of the last lock show where it was an application.
  if ('problem' in project) {
    const sets = lockedSetsOf(root, app);
    return [sourceProject(app, project), ...sets.map((set) => applicationConfiguration(set, app, project, codes))];
  }
  const reqsets = [...new Set(project.reqsets.map((name) => splitSet(name).reqset))].filter(
    (reqset) => readIfThere(`${root}/${reqsetPaths(reqset).requirements}`) !== undefined,
  );
  const sets = reqsets.flatMap((reqset) => setsOrNone(root, reqset)).filter((set) => namesSet(project.reqsets, set));
  return [
    sourceProject(app),
    ...sets.map((set) => {
      const request = orProblem(() => readApplicationRequest(root, set, app));
      if (!('problem' in request)) requests.push(request);
      return applicationConfiguration(set, app, request, codes);
    }),
  ];
}

/** The sets whose last lock has the application. */
function lockedSetsOf(root: string, app: string): string[] {
  const sets = listNames(`${root}/${REQSETS}`).flatMap((reqset) => setsOrNone(root, reqset));
  return sets.filter((set) => readIfThere(`${root}/${applicationFolder(set, app)}/application.json`) !== undefined);
}

/** None if the settings are invalid: the reqset's own targets report that. */
function setsOrNone(root: string, reqset: string): string[] {
  const sets = orProblem(() => readSets(root, reqset));
  return 'problem' in sets ? [] : sets;
}
