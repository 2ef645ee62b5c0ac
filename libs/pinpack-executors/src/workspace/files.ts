// Reads files and folders that may not exist. Any other error, such as a missing permission, is thrown.
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isMissing, undefinedIfAbsent } from '@pinpack/common/missing-file';
import { walkFolder } from '@pinpack/common/walk-folder';

/** The file's text; undefined if there is no such file, also if its parent is one: apps/ may have files beside the applications. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    undefinedIfAbsent(error);
    return undefined;
  }
}

/** The names in a folder, sorted; none if it does not exist. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    return noneIfMissing(error);
  }
}

/** The same, for callers that may wait. */
export async function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch(noneIfMissing);
}

/** The files in a folder and below it, as sorted paths relative to it; none if it does not exist. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await walkFolder(folder).catch(noneIfMissing);
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(relative(folder, parentPath), name)).sort();
}

function noneIfMissing(error: unknown): never[] {
  if (isMissing(error)) return [];
  throw error;
}
