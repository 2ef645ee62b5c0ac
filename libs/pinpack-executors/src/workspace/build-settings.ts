// Reads the files that "build" in reqset.json names: patches and wheels of single pins.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizeName, type BuildSettings, type WorkspaceFile } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import type { WrittenBuild } from './reqset-schema.js';

/**
 * Adds the digests of the named files.
 *
 * @param folder - the reqset's, relative to the root
 * @throws PinpackError `PINPACK_SETTINGS_INVALID`
 */
export async function readBuilds(
  root: string,
  folder: string,
  written: Record<string, WrittenBuild>,
): Promise<Record<string, BuildSettings>> {
  const read = Object.entries(written).map(async ([name, build]): Promise<[string, BuildSettings]> => {
    const patches = await Promise.all((build.patches ?? []).map((path) => readFileFacts(root, `${folder}/${path}`)));
    const wheel = build.wheel === undefined ? undefined : await readFileFacts(root, `${folder}/${build.wheel}`);
    const { requires = [], environment = {}, configSettings = {}, system = [] } = build;
    const settings = { isForced: wheel === undefined, requires, environment, configSettings, system, patches };
    return [normalizeName(name), { ...settings, ...(wheel !== undefined && { wheel }) }];
  });
  return Object.fromEntries(await Promise.all(read));
}

async function readFileFacts(root: string, path: string): Promise<WorkspaceFile> {
  const data = await readFile(join(root, path)).catch((cause: unknown) => {
    throw new PinpackError(
      'PINPACK_SETTINGS_INVALID',
      path,
      ['cannot be read', 'expected the file that "build" in reqset.json names'],
      {
        cause,
      },
    );
  });
  return { path, sha256: createHash('sha256').update(data).digest('hex') };
}
