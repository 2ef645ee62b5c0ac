// The edges between projects: a pin depends on what its wheel requires and is built with, a reqset on its pins, an application on its library.
import { basename } from 'node:path';
import { DependencyType, type CreateDependencies, type RawProjectGraphDependency } from '@nx/devkit';
import type { Pin } from '@pinpack/python-dist';
import { applicationProject, pinFolder, REQSETS, reqsetPlace, wheelProject } from '../reqset/place.js';
import { readPins } from './create-nodes.js';

export const createDependencies: CreateDependencies = (_options, { projects, workspaceRoot }) => {
  const roots = new Map(Object.entries(projects).map(([name, { root }]) => [root, name]));
  const reqsets = [...roots.keys()].filter((root) => root.split('/').length === 2 && root.startsWith(`${REQSETS}/`));
  const edges = reqsets.flatMap((root) => reqsetEdges(basename(root), readPins(workspaceRoot, basename(root))));
  // Another plugin or a project.json may have taken a project away or renamed it; an edge to nowhere would break every command.
  return edges.filter(({ source, target }) => source in projects && target in projects);
};

function reqsetEdges(reqset: string, pins: Pin[] | { problem: string }): RawProjectGraphDependency[] {
  if ('problem' in pins) return [];
  return pins.flatMap((pin) => [
    ...pinEdges(reqset, pin),
    {
      source: reqset,
      target: wheelProject(reqset, pin.name),
      type: DependencyType.static,
      sourceFile: reqsetPlace(reqset).lock,
    },
    ...(pin.source.kind === 'directory' ? applicationEdges(reqset, pin, pin.source.path, pins) : []),
  ]);
}

function pinEdges(reqset: string, { name, dependencies, source }: Pin): RawProjectGraphDependency[] {
  const builtWith = source.kind === 'directory' ? source.buildRequires.map((requirement) => requirement.name) : [];
  return [...new Set([...dependencies, ...builtWith])].map((dependency) => ({
    source: wheelProject(reqset, name),
    target: wheelProject(reqset, dependency),
    type: DependencyType.static,
    sourceFile: `${pinFolder(reqset, name)}/pin.json`,
  }));
}

function applicationEdges(reqset: string, pin: Pin, path: string, pins: Pin[]): RawProjectGraphDependency[] {
  const app = basename(path);
  const library = wheelProject(reqset, pin.name);
  const virtualenv = pins.some(({ name }) => name === 'virtualenv') ? [wheelProject(reqset, 'virtualenv')] : [];
  return [
    {
      source: library,
      target: app,
      type: DependencyType.static,
      sourceFile: `${pinFolder(reqset, pin.name)}/pin.json`,
    },
    ...[library, ...virtualenv].map((target): RawProjectGraphDependency => ({
      source: applicationProject(reqset, app),
      target,
      type: DependencyType.implicit,
    })),
  ];
}
