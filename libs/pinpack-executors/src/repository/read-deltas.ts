// The deltas that `delta` made of a repository's packages.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedDelta } from '@pinpack/rpm-repo';
import { deltaRecordFile, parseDeltaRecord } from './delta-record.js';
import { repositoryPaths } from './repository-paths.js';
import type { PublishableRpm } from './read-packages.js';

/** Those that make the very RPMs of this repository; others are of another key, or of an earlier run. */
export async function readDeltas(
  root: string,
  set: string,
  packages: readonly PublishableRpm[],
): Promise<PublishedDelta[]> {
  const folder = join(root, repositoryPaths(set).deltas);
  const read = packages.map(async ({ name, sha256 }) => {
    const text = await readFile(join(folder, deltaRecordFile(name)), 'utf8').catch(() => undefined);
    const record = parseDeltaRecord(text);
    return record?.sha256 === sha256 ? record.deltas : [];
  });
  return (await Promise.all(read)).flat();
}
