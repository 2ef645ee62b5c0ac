// The dependency rules of the packages: which package imports which, which modules are pure, and no cycle between folders or files.
// Files go in as texts, violations come out.
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
  /** By package folder: the dependencies of `libs/<folder>/package.json`. */
  packages: Record<string, string[]>;
  /** devDependencies of the workspace, which specs and fixtures may import too. */
  workspace: string[];
}

/** One import of one file of a package. */
interface Import {
  file: string;
  /** The package's folder below `libs`. */
  owner: string;
  /** Path below the package's `src`. */
  inside: string;
  /** A spec, or a fixture of specs. */
  isTest: boolean;
  specifier: string;
}

/** The packages by their folders below `libs`, and the packages that each imports. */
const PACKAGES: Readonly<Record<string, { name: string; imports: readonly string[] }>> = {
  common: { name: '@pinpack/common', imports: [] },
  compression: { name: '@pinpack/compression', imports: ['common'] },
  testing: { name: '@pinpack/testing', imports: [] },
  'create-pinpack': { name: 'create-pinpack', imports: ['common'] },
  'rpm-gen': { name: '@pinpack/rpm-gen', imports: ['common', 'compression'] },
  'oci-image': { name: '@pinpack/oci-image', imports: ['common', 'compression'] },
  'python-dist': { name: '@pinpack/python-dist', imports: ['common'] },
  'build-store': { name: '@pinpack/build-store', imports: ['common'] },
  'rpm-repo': { name: '@pinpack/rpm-repo', imports: ['common', 'compression', 'rpm-gen'] },
  publication: { name: '@pinpack/publication', imports: ['common', 'build-store'] },
  'rpm-packaging': { name: '@pinpack/rpm-packaging', imports: ['common', 'rpm-gen', 'python-dist', 'oci-image'] },
  'pinpack-executors': {
    name: 'pinpack',
    imports: [
      ...['common', 'rpm-gen', 'rpm-repo', 'python-dist', 'oci-image', 'rpm-packaging'],
      ...['build-store', 'publication'],
    ],
  },
};

/** Modules and folders below `src` that read files, run programs or use the network. All others of these packages are pure. */
const IMPURE: Readonly<Record<string, readonly string[]>> = {
  'rpm-gen': ['cli/', 'read-rpm-file.ts', 'write-rpm-file.ts'],
  'oci-image': ['layout.ts', 'resolve.ts', 'unpack.ts'],
  'python-dist': [
    'files/',
    'index/index-client.ts',
    'index/index-configuration.ts',
    'index/index-gateway.ts',
    'index/index-response.ts',
    'index/index-transport.ts',
    'index/keyring.ts',
    'index/page-cache.ts',
    'index/range-wheel.ts',
    'index/wheel-metadata-range.ts',
    'interpreter/',
    'origin/',
    'resolve/',
    'build/',
    'uv/',
    'zip/inflate-into.ts',
    'zip/positioned-file.ts',
  ],
};

const NETWORK = ['http', 'https', 'http2', 'net', 'tls', 'dns', 'dgram', 'undici'];
const PROGRAMS = ['child_process', 'execa', 'worker_threads', '@pinpack/common/program'];
const FILES = [
  'fs',
  'fs/promises',
  '@pinpack/common/atomic-file',
  '@pinpack/common/prune-others',
  '@pinpack/common/read-folder',
];
const NETWORK_GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);

/** Every violation in the files below `libs/<package>/src`. */
export function dependencyIssues(files: readonly WorkspaceFile[], declared: Declared): string[] {
  const sources = files.filter(({ path }) => /^libs\/[^/]+\/src\/.*\.ts$/.test(path));
  const imports = sources.flatMap(importsOf);
  return [
    ...imports.flatMap((one) => [
      ...packageIssues(one),
      ...nxIssues(one),
      ...pathIssues(one),
      ...purityIssues(one),
      ...declarationIssues(one, declared),
    ]),
    ...sources.flatMap(globalIssues),
    ...cycleIssues(imports),
  ];
}

function importsOf({ path, text }: WorkspaceFile): Import[] {
  const [, owner = '', inside = ''] = /^libs\/([^/]+)\/src\/(.*)$/.exec(path) ?? [];
  const isTest = owner === 'testing' || /\.(?:spec|fixture)\.ts$/.test(path);
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName: specifier }) => ({ file: path, owner, inside, isTest, specifier }));
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

function packageIssues({ file, owner, isTest, specifier }: Import): string[] {
  const name = packageOf(specifier);
  const target = Object.keys(PACKAGES).find((folder) => PACKAGES[folder]?.name === name);
  if (target === undefined || target === owner || (isTest && target === 'testing')) return [];
  if (PACKAGES[owner]?.imports.includes(target) === true) return [];
  return [`${file}: imports ${specifier}, and ${owner} may not depend on ${target}`];
}

function nxIssues({ file, owner, specifier }: Import): string[] {
  if (owner === 'pinpack-executors' || !/^(?:nx|@nx)(?:\/|$)/.test(specifier)) return [];
  return [`${file}: imports ${specifier}, and only pinpack-executors may depend on Nx`];
}

function pathIssues({ file, owner, specifier }: Import): string[] {
  const target = posix.join(posix.dirname(file), specifier);
  if (!specifier.startsWith('.') || target.startsWith(`libs/${owner}/`)) return [];
  return [`${file}: imports a file of another package by the path ${specifier}`];
}

function purityIssues({ file, owner, inside, isTest, specifier }: Import): string[] {
  const impure = IMPURE[owner];
  if (isTest || impure === undefined || impure.some((place) => inside.startsWith(place))) return [];
  const readsFiles = owner === 'python-dist' || owner === 'rpm-gen' || owner === 'oci-image';
  const forbidden = [...NETWORK, ...PROGRAMS, ...(readsFiles ? FILES : [])];
  if (!forbidden.includes(specifier.replace(/^node:/, ''))) return [];
  return [`${file}: imports ${specifier}, and is pure`];
}

function declarationIssues({ file, owner, isTest, specifier }: Import, { packages, workspace }: Declared): string[] {
  if (specifier.startsWith('.') || isBuiltin(specifier)) return [];
  const own = packages[owner] ?? [];
  const name = packageOf(specifier);
  if (name === PACKAGES[owner]?.name || own.includes(name) || (isTest && workspace.includes(name))) return [];
  return [`${file}: imports ${specifier}, which libs/${owner}/package.json does not declare`];
}

/** rpm-gen has no network: not through a global either. */
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

type Graph = Map<string, Map<string, string>>;

/** Cycles between files, and between the folders of a package. Specs and fixtures may look everywhere. */
function cycleIssues(imports: readonly Import[]): string[] {
  const files: Graph = new Map();
  const folders: Graph = new Map();
  for (const { file, isTest, specifier } of imports) {
    if (isTest || !specifier.startsWith('.')) continue;
    const target = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
    connect(files, file, target, `${file} → ${target}`);
    const [from, to] = [unitOf(file), unitOf(target)];
    if (from !== to) connect(folders, from, to, `${file} → ${target}`);
  }
  return [...cyclesOf(files, 'files'), ...cyclesOf(folders, 'folders')];
}

/** The folder below `src` that a file is in; a file directly below `src` is a unit by itself. */
function unitOf(file: string): string {
  return file.split('/').slice(0, 4).join('/');
}

function connect(graph: Graph, from: string, to: string, because: string): void {
  const targets = graph.get(from) ?? new Map<string, string>();
  if (!targets.has(to)) targets.set(to, because);
  graph.set(from, targets);
}

/** One message for each cycle that a depth-first search closes. */
function cyclesOf(graph: Graph, kind: string): string[] {
  const issues: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    if (done.has(node)) return;
    const start = path.indexOf(node);
    if (start >= 0) {
      const cycle = [...path.slice(start), node];
      const edges = cycle.slice(1).map((to, at) => `  ${graph.get(cycle[at] ?? '')?.get(to) ?? ''}`);
      issues.push([`a cycle of ${kind}: ${cycle.join(' → ')}`, ...edges].join('\n'));
      return;
    }
    path.push(node);
    for (const to of graph.get(node)?.keys() ?? []) visit(to);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return issues;
}

/** Places outside of the workspace and index hosts that no file may name. @param names - what is looked for */
export function namingIssues(files: readonly WorkspaceFile[], names: readonly string[]): string[] {
  return files.flatMap(({ path, text }) =>
    names.filter((name) => text.includes(name)).map((name) => `${path}: names ${name}`),
  );
}
