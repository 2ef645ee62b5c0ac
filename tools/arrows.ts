// The arrows between the rooms: who may import whom, and which files may touch the world. Files go in as texts, issues come out.
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';

/** A file of the workspace; `path` is relative to its root, with `/`. */
export interface WorkspaceFile {
  path: string;
  text: string;
}

/** Names of the packages that each may import. */
export interface Declared {
  /** By room: the dependencies of `libs/<room>/package.json`. */
  rooms: Record<string, string[]>;
  /** devDependencies of the workspace, which specs and fixtures may import too. */
  workspace: string[];
}

/** One import of one file of a room. */
interface Import {
  file: string;
  room: string;
  /** Path below the room's `src`. */
  inside: string;
  /** A spec, or a fixture of specs. */
  isTest: boolean;
  specifier: string;
}

/** The package that each room is. */
const ROOM_PACKAGES: Record<string, string> = {
  'rpm-gen': '@pinpack/rpm-gen',
  'rpm-repo': '@pinpack/rpm-repo',
  'python-dist': '@pinpack/python-dist',
  'build-store': '@pinpack/build-store',
  'oci-image': '@pinpack/oci-image',
  'pinpack-executors': 'pinpack',
};

const ARROWS: Record<string, string[]> = {
  'pinpack-executors': ['rpm-repo', 'rpm-gen', 'python-dist', 'build-store', 'oci-image'],
  'rpm-repo': ['rpm-gen'],
};

/** What of python-dist touches the world: indexes, programs, and wheels that are read by file descriptor. */
const PYTHON_DIST_WORLDLY = [
  'index-client/client.ts',
  'index-client/configuration.ts',
  'resolve/',
  'source-build/',
  'positioned-file.ts',
];

/** What of oci-image reads and writes files; its network is skopeo's business. */
const OCI_IMAGE_WORLDLY = ['layout.ts', 'resolve.ts', 'unpack.ts'];

const NETWORK = ['http', 'https', 'http2', 'net', 'tls', 'dns', 'dgram', 'undici'];
const PROGRAMS = ['child_process', 'execa', 'worker_threads'];
const FILES = ['fs', 'fs/promises'];
const NETWORK_GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);

/** Everything that breaks an arrow, in the files below `libs/<room>/src`; empty where all is well. */
export function arrowIssues(files: WorkspaceFile[], declared: Declared): string[] {
  const sources = files.filter(({ path }) => /^libs\/[^/]+\/src\/.*\.ts$/.test(path));
  const imports = sources.flatMap(importsOf);
  return [
    ...imports.flatMap((one) => [
      ...roomIssues(one),
      ...nxIssues(one),
      ...pathIssues(one),
      ...purityIssues(one),
      ...dependencyIssues(one, declared),
    ]),
    ...sources.flatMap(globalIssues),
  ];
}

function importsOf({ path, text }: WorkspaceFile): Import[] {
  const [, room = '', inside = ''] = /^libs\/([^/]+)\/src\/(.*)$/.exec(path) ?? [];
  const isTest = /\.(?:spec|fixture)\.ts$/.test(path);
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName: specifier }) => ({ file: path, room, inside, isTest, specifier }));
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function roomIssues({ file, room, specifier }: Import): string[] {
  const target = Object.keys(ROOM_PACKAGES).find((name) => ROOM_PACKAGES[name] === packageOf(specifier));
  if (target === undefined || target === room || ARROWS[room]?.includes(target) === true) return [];
  return [`${file}: imports ${specifier}, and no arrow leads from ${room} to ${target}`];
}

function nxIssues({ file, room, specifier }: Import): string[] {
  if (room === 'pinpack-executors' || !/^(?:nx|@nx)(?:\/|$)/.test(specifier)) return [];
  return [`${file}: imports ${specifier}, and only pinpack-executors knows Nx`];
}

function pathIssues({ file, room, specifier }: Import): string[] {
  const target = posix.join(posix.dirname(file), specifier);
  if (!specifier.startsWith('.') || target.startsWith(`libs/${room}/`)) return [];
  return [`${file}: reaches out of its room by the path ${specifier}`];
}

function purityIssues({ file, room, inside, isTest, specifier }: Import): string[] {
  const forbidden = forbiddenModules(room, inside);
  if (isTest || !forbidden.includes(specifier.replace(/^node:/, ''))) return [];
  return [`${file}: imports ${specifier}, and is pure`];
}

function forbiddenModules(room: string, inside: string): string[] {
  if (room === 'rpm-gen') return [...NETWORK, ...PROGRAMS, ...FILES];
  if (room === 'oci-image') return [...NETWORK, ...PROGRAMS, ...(OCI_IMAGE_WORLDLY.includes(inside) ? [] : FILES)];
  if (room !== 'python-dist' || PYTHON_DIST_WORLDLY.some((place) => inside.startsWith(place))) return [];
  return [...NETWORK, ...PROGRAMS, ...FILES];
}

function dependencyIssues({ file, room, isTest, specifier }: Import, { rooms, workspace }: Declared): string[] {
  if (specifier.startsWith('.') || isBuiltin(specifier)) return [];
  const own = rooms[room] ?? [];
  const name = packageOf(specifier);
  if (own.includes(name) || (isTest && workspace.includes(name))) return [];
  return [`${file}: imports ${specifier}, which libs/${room}/package.json does not declare`];
}

/** rpm-gen knows no network: not by way of a global either. */
function globalIssues({ path, text }: WorkspaceFile): string[] {
  if (!path.startsWith('libs/rpm-gen/') || /\.(?:spec|fixture)\.ts$/.test(path)) return [];
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && NETWORK_GLOBALS.has(node.text)) found.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022));
  return [...found].map((name) => `${path}: uses ${name}, and is pure`);
}

/** Places outside of the workspace and index hosts that no file may name. @param names - what is looked for */
export function namingIssues(files: WorkspaceFile[], names: string[]): string[] {
  return files.flatMap(({ path, text }) =>
    names.filter((name) => text.includes(name)).map((name) => `${path}: names ${name}`),
  );
}
