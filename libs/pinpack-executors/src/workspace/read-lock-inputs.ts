// Reads the inputs of a lock: requirements.txt, constraints.txt, reqset.json and the applications of the reqset.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  localTrees,
  nameTargets,
  normalizeName,
  parseRequirement,
  readPyproject,
  readRequirements,
  readSourceTree,
  type LockInputs,
  type Pyproject,
  type SourceTree,
  type WrittenRequirement,
} from '@pinpack/python-dist';
import { lockedCompression, namesSet, parseApplicationSettings } from '@pinpack/rpm-packaging';
import { formatRootSetting } from './root-setting.js';
import { PinpackError } from '../pinpack-error.js';
import { readBundle } from './bundle-setting.js';
import { readBuilds } from './build-settings.js';
import { APPS, reqsetPaths } from './workspace-paths.js';
import { listFolder, readIfThere } from './files.js';
import type { WrittenRecord } from './reqset-schema.js';
import { readSettings } from './reqset-settings.js';

/**
 * @throws DistError `DIST_REQUIREMENTS_FILE_INVALID`, `DIST_SOURCE_INVALID`
 * @throws PinpackError `PINPACK_REQUIREMENTS_MISSING`, `PINPACK_SETTINGS_INVALID`, `PINPACK_VARIANT_UNKNOWN`, `PINPACK_APPLICATION_INVALID`
 */
export async function readLockInputs(root: string, set: string): Promise<LockInputs> {
  const { requirements: file, constraints } = reqsetPaths(set);
  if (!existsSync(join(root, file))) {
    throw new PinpackError('PINPACK_REQUIREMENTS_MISSING', file, [
      'the file does not exist',
      'Create it with the requirements of the reqset.',
    ]);
  }
  const { python, platform, bytecode, layout, build, buildRoot, index, record, overlaps, bundled, ...settings } =
    readSettings(root, set);
  const written = await readRequirements(root, file, 'requirement');
  const limits = await readRequirements(root, constraints, 'constraint');
  const projects = await readProjects(root, set);
  const { requirements, sources } = await readTrees(root, projects, written.requirements);
  return {
    requirements,
    constraints: withoutDuplicates([...written.constraints, ...limits.constraints]),
    sources: withUsedExtras(sources, projects, requirements),
    applications: projects.map(({ source: { path, name }, settings, extras, groups }) => {
      // So that `lock` reports wrong settings before it resolves.
      parseApplicationSettings(settings, `${path}/pyproject.toml`);
      return {
        name: basename(path),
        library: name,
        ...(extras.length > 0 && { extras }),
        ...(groups.length > 0 && { groups }),
      };
    }),
    target: { python, platform },
    bytecode,
    layout,
    compression: lockedCompression(settings),
    ...(bundled !== undefined && { interpreter: readBundle(root, reqsetPaths(set).folder, bundled) }),
    ...(index !== undefined && { indexes: index }),
    ...(record !== undefined && { records: recordsOf(record) }),
    ...(overlaps !== undefined && { overlaps: overlaps.map((group) => group.map(normalizeName)) }),
    ...(buildRoot !== undefined && { buildRoot: formatRootSetting(buildRoot) }),
    builds: await readBuilds(root, reqsetPaths(set).folder, build),
  };
}

function recordsOf(record: WrittenRecord): NonNullable<LockInputs['records']> {
  if (typeof record === 'string') return { '*': record };
  return Object.fromEntries(
    Object.entries(record).map(([name, setting]) => [name === '*' ? name : normalizeName(name), setting]),
  );
}

/** Extras that neither an application selects nor a requirement names do not affect the lock. */
function withUsedExtras(
  sources: readonly SourceTree[],
  projects: readonly Pyproject[],
  requirements: readonly WrittenRequirement[],
): SourceTree[] {
  if (sources.every(({ optional }) => optional === undefined)) return [...sources];
  const used = new Map<string, Set<string>>();
  const add = (name: string, extras: readonly string[]): void => {
    const key = normalizeName(name);
    used.set(key, new Set([...(used.get(key) ?? []), ...extras.map(normalizeName)]));
  };
  for (const { source, extras } of projects) add(source.name, extras);
  const ofSources = sources.flatMap(({ dependencies, optional = {} }) => [dependencies, ...Object.values(optional)]);
  const texts = [
    ...requirements.map(({ text }) => text),
    ...ofSources.flat(),
    ...projects.flatMap(({ groups }) => groups),
  ];
  for (const text of texts) {
    const { name, extras } = parseRequirement(text);
    add(name, extras);
  }
  return sources.map(({ optional = {}, ...source }) => {
    const names = used.get(normalizeName(source.name));
    const kept = Object.entries(optional).filter(([extra]) => names?.has(extra) === true);
    return kept.length === 0 ? source : { ...source, optional: Object.fromEntries(kept) };
  });
}

/** constraints.txt may be included by `-c constraints.txt` too. */
function withoutDuplicates(lines: readonly WrittenRequirement[]): WrittenRequirement[] {
  return [...new Map(lines.map((line) => [`${line.place} ${line.text}`, line])).values()];
}

/**
 * The source trees of the applications, and those that requirements name by their path: in requirements.txt, or in `[tool.uv.sources]` of a source
 * tree.
 */
async function readTrees(
  root: string,
  projects: readonly Pyproject[],
  written: readonly WrittenRequirement[],
): Promise<{ requirements: WrittenRequirement[]; sources: SourceTree[] }> {
  const requirements = [...written];
  const sources: SourceTree[] = [];
  const pending = [...projects.map(({ source, direct }) => ({ source, direct }))];
  for (;;) {
    for (const { source, direct } of pending.splice(0)) {
      if (sources.some(({ path }) => path === source.path)) continue;
      sources.push(source);
      requirements.push(...(await nameTargets(root, `${source.path}/pyproject.toml`, direct)));
    }
    const paths = localTrees(requirements).filter((path) => !sources.some((source) => source.path === path));
    if (paths.length === 0) return { requirements: withoutDuplicates(requirements), sources };
    pending.push(...(await Promise.all(paths.map((path) => readSourceTree(root, path)))));
  }
}

/** The applications of a set: all source trees whose settings name its reqset or variant. */
async function readProjects(root: string, set: string): Promise<Pyproject[]> {
  const folders = await listFolder(join(root, APPS));
  const projects = await Promise.all(
    folders
      .sort()
      .filter((folder) => readIfThere(join(root, APPS, folder, 'pyproject.toml')) !== undefined)
      .map((folder) => readPyproject(root, `${APPS}/${folder}`)),
  );
  return projects.flatMap((project) => (project !== undefined && namesSet(project.reqsets, set) ? [project] : []));
}
