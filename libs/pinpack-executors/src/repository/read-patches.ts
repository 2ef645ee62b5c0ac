// Reads the patches of a repository's packages, as many as the budget allows.
import { join } from 'node:path';
import { selectPatches, type PublishedPatch } from '@pinpack/rpm-repo';
import { readIfThere } from '../workspace/files.js';
import { parsePatchRecord, patchRecordFile } from './patch-record.js';
import { repositoryPaths } from './repository-paths.js';
import type { PublishableRpm } from './read-packages.js';

export interface PatchesRequest {
  packages: readonly PublishableRpm[];
  /** In MiB. */
  budget: number;
}

/** Omits patches to other RPMs, which are signed with another key or of an earlier run. Those that save the most are kept. */
export function readPatches(root: string, set: string, { packages, budget }: PatchesRequest): PublishedPatch[] {
  const folder = join(root, repositoryPaths(set).patches);
  const patches = packages.flatMap(({ name, sha256 }) => {
    const record = parsePatchRecord(readIfThere(join(folder, patchRecordFile(name))));
    return record?.sha256 === sha256 ? record.patches : [];
  });
  return selectPatches(patches, new Map(packages.map(({ sha256, size }) => [sha256, size])), budget * 1024 * 1024);
}
