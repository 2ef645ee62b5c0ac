// The target `repo`: the RPMs of a set, signed, with their deltas, advisories and metadata, as a folder that dnf reads.
import { planAdvisories, type RepositoryRecord } from '@pinpack/rpm-repo';
import { repositoryCodeDigest } from '../../code-digest.js';
import { formatBytes } from '../../progress.js';
import { releasePlace } from '../../release/place.js';
import { readReleases } from '../../release/published-rpms.js';
import { pruneSigned } from '../../release/release-rpm.js';
import type { ReleaseTools } from '../../release/release-tools.js';
import { advisoryDate, revisionTime } from '../../release/source-time.js';
import { readDeltas } from './read-deltas.js';
import { readPackages } from './read-packages.js';
import { isUpToDate, writeStamp } from './stamp.js';
import { writeRepository, type RepositoryOrder } from './write-repository.js';

export interface MakeOrder {
  root: string;
  set: string;
  vendor: string;
  tools: ReleaseTools;
  environment: Readonly<Record<string, string | undefined>>;
}

/** @returns a line that tells what there is now. @throws RpmError, RepoError, PinpackError, StoreError */
export async function makeRepository({ root, set, vendor, tools, environment }: MakeOrder): Promise<string> {
  const { signer } = tools;
  const previous = await readPrevious(tools, set);
  const packages = await readPackages({ root, set, signer, previous });
  const order: RepositoryOrder = {
    ...{ root, set, vendor, signer, packages },
    revision: revisionTime(environment),
    deltas: await readDeltas(root, set, packages),
    advisories: planAdvisories({ packages, previous, date: await advisoryDate(root, environment) }),
  };
  const inputs = inputsOf(order);
  if (await isUpToDate(root, set, inputs)) return tell(order, 'as it was: ');
  await writeRepository(order);
  await writeStamp(root, set, inputs);
  await pruneSigned(
    root,
    set,
    packages.map(({ rpm }) => rpm),
  );
  return tell(order, '');
}

async function readPrevious({ publication }: ReleaseTools, set: string): Promise<RepositoryRecord | undefined> {
  if (publication === undefined) return undefined;
  const releases = await readReleases(publication, releasePlace(set).label, 1);
  return (releases.find(({ isLatest }) => isLatest) ?? releases[0])?.record;
}

function inputsOf({ vendor, signer, revision, packages, deltas, advisories }: RepositoryOrder): unknown {
  const rpms = packages.map(({ file, sha256, unsigned, pin }) => [file, sha256, unsigned, pin]);
  return [repositoryCodeDigest(), vendor, signer?.fingerprint, revision, rpms, deltas, advisories];
}

function tell({ set, signer, packages, deltas, advisories }: RepositoryOrder, state: string): string {
  const { label, repository } = releasePlace(set);
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
