// Makes the dnf repository of a set for the target `repo`: signed RPMs, deltas, advisories and metadata.
import { join } from 'node:path';
import {
  planAdvisories,
  repositoryCodeDigest,
  writeRepository,
  type RepositoryRecord,
  type RepositoryRequest,
} from '@pinpack/rpm-repo';
import { formatBytes } from '@pinpack/common/progress';
import { repositoryPaths } from './repository-paths.js';
import { readPublications } from './published-rpms.js';
import { pruneSigned } from './prepare-rpm.js';
import type { PublishTools } from './publish-tools.js';
import { advisoryDate, revisionTime } from './source-time.js';
import { readDeltas } from './read-deltas.js';
import { readPackages } from './read-packages.js';
import { isUpToDate, writeStamp } from './stamp.js';

export interface RepositoryOptions {
  root: string;
  set: string;
  vendor: string;
  tools: PublishTools;
  environment: Readonly<Record<string, string | undefined>>;
}

/** @returns a summary of the repository. @throws RpmError, RepoError, PinpackError, StoreError */
export async function makeRepository({ root, set, vendor, tools, environment }: RepositoryOptions): Promise<string> {
  const { signer } = tools;
  const previous = await readPrevious(tools, set);
  const packages = await readPackages({ root, set, signer, previous });
  const { label, repository, deltas: deltaFolder } = repositoryPaths(set);
  const request: RepositoryRequest = {
    folder: join(root, repository),
    deltaFolder: join(root, deltaFolder),
    ...{ label, vendor, signer, packages },
    revision: revisionTime(environment),
    deltas: readDeltas(root, set, packages),
    advisories: planAdvisories({ packages, previous, date: await advisoryDate(root, environment) }),
  };
  const inputs = inputsOf(request);
  if (await isUpToDate(root, set, inputs)) return formatSummary(set, request, 'unchanged: ');
  await writeRepository(request);
  await writeStamp(root, set, inputs);
  await pruneSigned(
    root,
    set,
    packages.map(({ rpm }) => rpm),
  );
  return formatSummary(set, request, '');
}

async function readPrevious({ publication }: PublishTools, set: string): Promise<RepositoryRecord | undefined> {
  if (publication === undefined) return undefined;
  const publications = await readPublications(publication, repositoryPaths(set).label, 1);
  return (publications.find(({ isLatest }) => isLatest) ?? publications[0])?.record;
}

function inputsOf({ vendor, signer, revision, packages, deltas, advisories }: RepositoryRequest): unknown {
  const rpms = packages.map(({ file, sha256, unsigned, pin }) => [file, sha256, unsigned, pin]);
  return [repositoryCodeDigest(), vendor, signer?.fingerprint, revision, rpms, deltas, advisories];
}

function formatSummary(
  set: string,
  { signer, packages, deltas, advisories }: RepositoryRequest,
  state: string,
): string {
  const { label, repository } = repositoryPaths(set);
  const bytes = (items: readonly { size: number }[]) => formatBytes(items.reduce((sum, { size }) => sum + size, 0));
  const parts = [
    `${packages.length} packages (${bytes(packages)})`,
    ...(deltas.length > 0 ? [`${counted(deltas.length, 'delta')} (${bytes(deltas)})`] : []),
    ...(advisories.length > 0 ? [advisories.length === 1 ? '1 advisory' : `${advisories.length} advisories`] : []),
    signer === undefined ? 'not signed' : `signed by ${signer.fingerprint}`,
  ];
  return `${label}: ${repository}, ${state}${parts.join(', ')}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
