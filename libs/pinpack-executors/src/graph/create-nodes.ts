// Infers the projects from requirements, locks and applications. It runs before every nx command: it reads files, and nothing else.
import { basename, dirname } from 'node:path';
import type { CreateNodes, CreateNodesContext, CreateNodesResultArray, ProjectConfiguration } from '@nx/devkit';
import { parsePyproject } from '@pinpack/python-dist';
import { readApplicationOrder } from '../application/read-application.js';
import { codeDigest } from '../code-digest.js';
import { APPS, REQSETS, reqsetPlace } from '../reqset/place.js';
import { readIfThere } from '../reqset/read-lock.js';
import { orProblem, readReqset } from '../reqset/read-reqset.js';
import { applicationConfiguration, pinProject, reqsetProject, sourceProject } from './targets.js';

const GLOB = `{${REQSETS}/*/requirements.txt,${REQSETS}/*/pylock.toml,${APPS}/*/pyproject.toml}`;

export const createNodes: CreateNodes = [GLOB, (files, _options, context) => infer(files, context)];

/** The name that Nx 22 and 23 look for. */
export const createNodesV2 = createNodes;

function infer(files: readonly string[], { workspaceRoot }: CreateNodesContext): CreateNodesResultArray {
  const code = codeDigest();
  return files.map((file) => {
    const projects = projectsOf(file, workspaceRoot, code);
    return [file, { projects: Object.fromEntries(projects.map(({ root, ...project }) => [root, project])) }] as const;
  });
}

function projectsOf(file: string, root: string, code: string): ProjectConfiguration[] {
  const folder = basename(dirname(file));
  switch (basename(file)) {
    case 'requirements.txt':
      return [reqsetProject(folder, readReqset(root, folder))];
    case 'pylock.toml': {
      const locked = readReqset(root, folder);
      return 'problem' in locked ? [] : locked.pins.map((pin) => pinProject(folder, pin, code));
    }
    default:
      return applicationProjects(root, folder, code);
  }
}

function applicationProjects(root: string, app: string, code: string): ProjectConfiguration[] {
  const path = `${APPS}/${app}`;
  const project = orProblem(() => parsePyproject(readIfThere(`${root}/${path}/pyproject.toml`) ?? '', path));
  if (project === undefined) return [];
  if ('problem' in project) return [sourceProject(app, project)];
  const reqsets = project.reqsets.filter(
    (reqset) => readIfThere(`${root}/${reqsetPlace(reqset).requirements}`) !== undefined,
  );
  return [
    sourceProject(app),
    ...reqsets.map((reqset) => {
      const order = orProblem(() => readApplicationOrder(root, reqset, app));
      return applicationConfiguration(reqset, app, order, code);
    }),
  ];
}
