// Lists folders that may be missing, without hiding other errors such as missing permissions.
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isMissing } from './missing-file.js';

/** The entries of a folder; none if it does not exist. */
export async function readFolder(path: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}
