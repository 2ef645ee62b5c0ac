// Reads the metadata of an unpacked sdist without running its code: the build system (PEP 518), and the dependencies if they are static
// (PEP 643: PKG-INFO from metadata 2.2 on; PEP 621: [project]).
import { basename, join } from 'node:path';
import type { TomlTable } from 'smol-toml';
import { distError } from '../dist-error.js';
import { readSmallFile } from '../files/optional-file.js';
import { parseToml } from '../toml/parse-toml.js';
import { asStrings, asTable } from '../toml/table-reader.js';
import { parseMetadata, type Metadata } from '../wheel/metadata.js';

export interface BuildSystem {
  requires: string[];
  /** `setuptools.build_meta`, `mesonpy`, `package.module:object` */
  backend: string;
  /** Folders of the source tree that contain the backend. */
  backendPath: string[];
}

/** The metadata of a distribution that a resolver needs. */
export interface Dependencies {
  requiresDist: string[];
  /** PEP 440 specifiers; absent if every Python is supported. */
  requiresPython?: string;
}

/** PEP 517: the default without `[build-system]`, or without a backend in it. */
const LEGACY = { requires: ['setuptools>=40.8.0'], backend: 'setuptools.build_meta:__legacy__' };

/** @param tree - the unpacked sdist. @throws DistError `DIST_SOURCE_INVALID` */
export async function readBuildSystem(tree: string): Promise<BuildSystem> {
  const table = asTable((await readPyproject(tree))?.['build-system']);
  if (table === undefined) return { ...LEGACY, backendPath: [] };
  return {
    requires: asStrings(table.requires) ?? LEGACY.requires,
    backend: typeof table['build-backend'] === 'string' ? table['build-backend'] : LEGACY.backend,
    backendPath: asStrings(table['backend-path']) ?? [],
  };
}

/** @returns undefined if the dependencies are dynamic: only the backend knows them */
export async function readStaticDependencies(tree: string): Promise<Dependencies | undefined> {
  return (await readPackageInfo(tree)) ?? projectDependencies((await readPyproject(tree))?.project);
}

export interface ProjectIdentity {
  /** As written. */
  name: string;
  version: string;
}

/** @returns undefined if only the backend knows it */
export async function readStaticIdentity(tree: string): Promise<ProjectIdentity | undefined> {
  const info = await readProjectFile(tree, 'PKG-INFO');
  const metadata = info === undefined ? undefined : tryParse(info);
  if (metadata !== undefined) return { name: metadata.name, version: metadata.version };
  const { name, version } = asTable((await readPyproject(tree))?.project) ?? {};
  return typeof name === 'string' && typeof version === 'string' ? { name, version } : undefined;
}

async function readPackageInfo(tree: string): Promise<Dependencies | undefined> {
  const text = await readProjectFile(tree, 'PKG-INFO');
  const metadata = text === undefined ? undefined : tryParse(text);
  if (metadata === undefined) return undefined;
  const [major = 0, minor = 0] = metadata.metadataVersion.split('.').map(Number);
  const isStatic = major > 2 || (major === 2 && minor >= 2);
  const dynamic = metadata.dynamic.map((field) => field.toLowerCase());
  if (!isStatic || DEPENDENCY_FIELDS.some((field) => dynamic.includes(field))) return undefined;
  const { requiresDist, requiresPython } = metadata;
  return { requiresDist: [...requiresDist], ...(requiresPython !== undefined && { requiresPython }) };
}

const DEPENDENCY_FIELDS = ['requires-dist', 'provides-extra', 'requires-python'];

/** An invalid PKG-INFO is ignored: then the backend is asked, and its answer is validated. */
function tryParse(text: string): Metadata | undefined {
  try {
    return parseMetadata(text);
  } catch {
    return undefined;
  }
}

function projectDependencies(value: unknown): Dependencies | undefined {
  const project = asTable(value as TomlTable | undefined);
  const dynamic = asStrings(project?.dynamic) ?? [];
  if (project === undefined || dynamic.some((field) => /dependencies$|^requires-python$/.test(field))) return undefined;
  const extras = Object.entries(asTable(project['optional-dependencies']) ?? {});
  const optional = extras.flatMap(([extra, lines]) => (asStrings(lines) ?? []).map((line) => withExtra(line, extra)));
  const requiresPython = project['requires-python'];
  return {
    requiresDist: [...(asStrings(project.dependencies) ?? []), ...optional],
    ...(typeof requiresPython === 'string' && { requiresPython }),
  };
}

/** Adds the extra to the marker, as backends do in METADATA. */
function withExtra(requirement: string, extra: string): string {
  const [, what = requirement, marker] = /^(.*?);(.*)$/.exec(requirement) ?? [];
  return marker === undefined ? `${what}; extra == '${extra}'` : `${what}; (${marker.trim()}) and extra == '${extra}'`;
}

async function readPyproject(tree: string): Promise<TomlTable | undefined> {
  const text = await readProjectFile(tree, 'pyproject.toml');
  return text === undefined ? undefined : parseToml(text, `${basename(tree)}/pyproject.toml`, 'DIST_SOURCE_INVALID');
}

async function readProjectFile(tree: string, name: string): Promise<string | undefined> {
  return readSmallFile(join(tree, name)).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw distError(`${basename(tree)}/${name}`, 'DIST_SOURCE_INVALID', [found, 'Pin another version, or a wheel.'], {
      cause,
    });
  });
}
