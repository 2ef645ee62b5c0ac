// Lists the sets of the workspace that have a lock.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REQSETS, reqsetPaths } from './workspace-paths.js';
import { readIfThere } from './files.js';
import { readSets } from './reqset-settings.js';

/** Sorted. @throws PinpackError `PINPACK_SETTINGS_INVALID` */
export function readLockedSets(root: string): string[] {
  const reqsets = readdirSync(join(root, REQSETS), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const sets = reqsets.flatMap(({ name }) => readSets(root, name)).sort();
  return sets.filter((set) => readIfThere(join(root, reqsetPaths(set).lock)) !== undefined);
}
