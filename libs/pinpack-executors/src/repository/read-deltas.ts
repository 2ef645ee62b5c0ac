// Reads the deltas of a repository's packages.
import { join } from 'node:path';
import type { PublishedDelta } from '@pinpack/rpm-repo';
import { readIfThere } from '../workspace/files.js';
import { deltaRecordFile, parseDeltaRecord } from './delta-record.js';
import { repositoryPaths } from './repository-paths.js';
import type { PublishableRpm } from './read-packages.js';

/** Omits deltas to other RPMs, which are signed with another key or of an earlier run. */
export function readDeltas(root: string, set: string, packages: readonly PublishableRpm[]): PublishedDelta[] {
  const folder = join(root, repositoryPaths(set).deltas);
  return packages.flatMap(({ name, sha256 }) => {
    const record = parseDeltaRecord(readIfThere(join(folder, deltaRecordFile(name))));
    return record?.sha256 === sha256 ? record.deltas : [];
  });
}
