// Makes the dnf repository of a set for the target `repo`: signed RPMs, deltas, advisories and metadata.
import { join } from 'node:path';
import {
  planAdvisories,
  repositoryCodeDigest,
  writeRepository,
  type AdvisoryRequest,
  type RepositoryRecord,
  type RepositoryRequest,
} from '@pinpack/rpm-repo';
import { formatBytes } from '@pinpack/common/progress';
import { repositoryPaths } from './repository-paths.js';
import { planRevision } from './plan-revision.js';
import { readPublications, type PublishedRepository } from './published-rpms.js';
import { pruneSigned } from './prepare-rpm.js';
import type { PublishTools } from './publish-tools.js';
import { advisoryDate, readSourceTimes } from './source-time.js';
import { readDeltas } from './read-deltas.js';
import { readPatches } from './read-patches.js';
import { readPackages } from './read-packages.js';
import { digestOf, isUpToDate, writeStamp } from './stamp.js';

export interface RepositoryOptions {
  root: string;
  set: string;
  vendor: string;
  tools: PublishTools;
  /** What changes fix; absent: no vulnerabilities are known. */
  readFixes?: (names: readonly string[]) => Promise<AdvisoryRequest['fixedBy']>;
  environment: Readonly<Record<string, string | undefined>>;
}

/** @returns a summary of the repository. @throws RpmError, RepoError, PinpackError, StoreError */
export async function makeRepository(options: RepositoryOptions): Promise<string> {
  const { root, set, vendor, tools, environment } = options;
  const { signer } = tools;
  const publications = await readNewest(tools, set);
  const previous = previousOf(publications);
  const times = await readSourceTimes(root, environment);
  const packages = await readPackages({ root, set, signer, previous });
  const fixedBy = await options.readFixes?.(packages.flatMap(({ pin }) => pin?.name ?? []));
  const { label, repository, deltas: deltaFolder, patches: patchFolder } = repositoryPaths(set);
  const parts = {
    ...{ label, vendor, signer, packages },
    deltas: readDeltas(root, set, packages),
    patches: readPatches(root, set, { packages, budget: tools.settings.patchBudget }),
    advisories: planAdvisories({
      packages,
      previous,
      date: advisoryDate(times),
      ...(fixedBy !== undefined && { fixedBy }),
    }),
  };
  const content = digestOf(inputsOf(parts));
  const request: RepositoryRequest = {
    ...{ ...parts, content, folder: join(root, repository), deltaFolder: join(root, deltaFolder) },
    patchFolder: join(root, patchFolder),
    revision: planRevision({ content, publications, ...times }),
  };
  const inputs = [content, request.revision];
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

/** The newest publication and the latest one; undefined without a configured publication. */
async function readNewest({ publication }: PublishTools, set: string): Promise<PublishedRepository[] | undefined> {
  return publication && readPublications(publication, repositoryPaths(set).label, 1);
}

function previousOf(publications: readonly PublishedRepository[] = []): RepositoryRecord | undefined {
  return (publications.find(({ isLatest }) => isLatest) ?? publications[0])?.record;
}

type Parts = Pick<RepositoryRequest, 'vendor' | 'signer' | 'packages' | 'deltas' | 'patches' | 'advisories'>;

function inputsOf({ vendor, signer, packages, deltas, patches = [], advisories }: Parts): unknown {
  const rpms = packages.map(({ file, sha256, unsigned, pin }) => [file, sha256, unsigned, pin]);
  // Without patches the content is that of earlier versions of pinpack.
  const more = patches.length > 0 ? [patches] : [];
  return [repositoryCodeDigest(), vendor, signer?.fingerprint, rpms, deltas, advisories, ...more];
}

function formatSummary(
  set: string,
  { signer, packages, deltas, patches = [], advisories }: RepositoryRequest,
  state: string,
): string {
  const { label, repository } = repositoryPaths(set);
  const bytes = (items: readonly { size: number }[]) => formatBytes(items.reduce((sum, { size }) => sum + size, 0));
  const parts = [
    `${packages.length} packages (${bytes(packages)})`,
    ...(deltas.length > 0 ? [`${counted(deltas.length, 'delta')} (${bytes(deltas)})`] : []),
    ...(patches.length > 0
      ? [`${patches.length} ${patches.length === 1 ? 'patch' : 'patches'} (${bytes(patches)})`]
      : []),
    ...(advisories.length > 0 ? [advisories.length === 1 ? '1 advisory' : `${advisories.length} advisories`] : []),
    signer === undefined ? 'not signed' : `signed by ${signer.fingerprint}`,
  ];
  return `${label}: ${repository}, ${state}${parts.join(', ')}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
