// Reads the inputs of a lock: requirements.txt, constraints.txt, reqset.json and the applications of the reqset.
import { basename, join } from 'node:path';
import {
  normalizeName,
  parseRequirementsFile,
  readPyproject,
  type LockInputs,
  type Pyproject,
  type WrittenRequirement,
} from '@pinpack/python-dist';
import { lockedCompression, namesSet, parseApplicationSettings } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
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
  const { requirements, constraints } = reqsetPaths(set);
  const text = readIfThere(join(root, requirements));
  if (text === undefined) {
    throw new PinpackError('PINPACK_REQUIREMENTS_MISSING', requirements, [
      'the file does not exist',
      'Create it with the requirements of the reqset.',
    ]);
  }
  const { python, platform, bytecode, layout, build, index, record, overlaps, ...settings } = readSettings(root, set);
  const written = {
    requirements: writtenRequirements(text, requirements),
    constraints: writtenRequirements(readIfThere(join(root, constraints)) ?? '', constraints),
  };
  const projects = await readProjects(root, set);
  return {
    ...written,
    sources: projects.map(({ source }) => source),
    applications: projects.map(({ source: { path, name }, settings }) => {
      // So that `lock` reports wrong settings before it resolves.
      parseApplicationSettings(settings, `${path}/pyproject.toml`);
      return { name: basename(path), library: name };
    }),
    target: { python, platform },
    bytecode,
    layout,
    compression: lockedCompression(settings),
    ...(index !== undefined && { indexes: index }),
    ...(record !== undefined && { records: recordsOf(record) }),
    ...(overlaps !== undefined && { overlaps: overlaps.map((group) => group.map(normalizeName)) }),
    builds: await readBuilds(root, reqsetPaths(set).folder, build),
  };
}

function recordsOf(record: WrittenRecord): NonNullable<LockInputs['records']> {
  if (typeof record === 'string') return { '*': record };
  return Object.fromEntries(
    Object.entries(record).map(([name, setting]) => [name === '*' ? name : normalizeName(name), setting]),
  );
}

function writtenRequirements(text: string, file: string): WrittenRequirement[] {
  return parseRequirementsFile(text, file).map(({ raw, line, hashes }) => ({
    text: raw.split(/\s--hash\b/)[0] ?? raw,
    place: `${file}:${line}`,
    // Indexes publish sha256, so other algorithms cannot be compared.
    ...(hashes.length > 0 && { hashes: hashes.map((hash) => hash.replace(/^sha256:/, '')) }),
  }));
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
