// The deltas of one RPM against the releases before: each made or restored, and told in the small file that `repo` reads.
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { type Publications } from '@pinpack/publication';
import { type Store } from '@pinpack/build-store';
import {
  deltaFileName,
  deltaProgramDigest,
  makeDelta,
  refuseContent,
  type Delta,
  type PublishedDelta,
  type Refusal,
} from '@pinpack/rpm-repo';
import type { ReleaseRpm } from './release-rpm.js';
import { deltaRecordFile, formatDeltaRecord } from './delta-record.js';
import { repositoryPaths } from './repository-paths.js';
import { fetchPublished } from './published-rpms.js';
import type { Baseline } from './baselines.js';
import { deltaKey, keepDelta, restoreDelta } from './stored-delta.js';

export interface DeltasRequest {
  root: string;
  set: string;
  rpm: ReleaseRpm;
  baselines: readonly Baseline[];
  publication: Publications;
  share: number;
  store: Store | undefined;
  /** Waits for a free processor. */
  inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** How one delta came out. */
export interface DeltaOutcome {
  baseline: Baseline;
  result: Omit<Delta, 'path'> | Refusal;
  isRestored: boolean;
}

/** @throws StoreError, PinpackError. @throws RepoError `REPO_PROGRAM_MISSING` */
export async function makeDeltas(order: DeltasRequest): Promise<DeltaOutcome[]> {
  const outcomes: DeltaOutcome[] = [];
  for (const baseline of order.baselines) outcomes.push(await makeOne(order, baseline));
  const deltas = outcomes.flatMap(({ baseline, result }) =>
    'refused' in result ? [] : [publishedDelta(order.rpm, baseline, result)],
  );
  await writeDeltas(order.root, order.set, order.rpm, deltas);
  return outcomes;
}

/** What an earlier run made would be deltas against what isn't published. @param name - of the RPM */
export async function forgetDeltas(root: string, set: string, name: string): Promise<void> {
  await rm(join(root, repositoryPaths(set).deltas, deltaRecordFile(name)), { force: true });
}

async function writeDeltas(
  root: string,
  set: string,
  { facts }: ReleaseRpm,
  deltas: readonly PublishedDelta[],
): Promise<void> {
  const folder = join(root, repositoryPaths(set).deltas);
  const record = formatDeltaRecord({ sha256: facts.sha256, deltas: [...deltas] });
  await writeFileAtomically(join(folder, deltaRecordFile(facts.name)), [Buffer.from(record)]);
  const kept = new Set(deltas.map(({ file }) => file.slice('drpms/'.length)));
  // What follows a name starts with a digit, and no name's own last part does.
  const own = new RegExp(`^${facts.name.replaceAll(/[.+]/g, '\\$&')}-[^-]+-[^-]+_[^-]+-[^-]+\\.drpm$`);
  const others = (await readdir(folder)).filter((name) => own.test(name) && !kept.has(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}

async function makeOne(order: DeltasRequest, baseline: Baseline): Promise<DeltaOutcome> {
  const { root, set, rpm, publication, share, store, inTurn } = order;
  const refusal = refuseContent(rpm.facts.contentSize);
  if (refusal !== undefined) return { baseline, result: refusal, isRestored: false };
  const name = nameOf(rpm, baseline);
  const path = join(root, repositoryPaths(set).deltas, name);
  const inputs = { before: baseline.sha256, after: rpm.facts.sha256, share, program: await deltaProgramDigest() };
  const key = deltaKey(inputs);
  const restored = await restoreDelta(store, key, path);
  if (restored !== undefined) return { baseline, result: restored, isRestored: true };
  const oldRpm = await fetchPublished(root, publication, set, baseline);
  const work = await makeWork(root, set);
  try {
    const made = await inTurn(() => makeDelta({ oldRpm, newRpm: rpm.path, work, share }));
    await keepDelta(store, key, made, { name, work });
    if (!('refused' in made)) await rename(made.path, path);
    return { baseline, result: made, isRestored: false };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Beside the deltas, so that a finished one is renamed. */
async function makeWork(root: string, set: string): Promise<string> {
  const folder = join(root, repositoryPaths(set).deltas);
  await mkdir(folder, { recursive: true });
  return mkdtemp(join(folder, '.work-'));
}

function publishedDelta(
  rpm: ReleaseRpm,
  baseline: Baseline,
  { size, sha256, sequence }: Omit<Delta, 'path'>,
): PublishedDelta {
  const { name, architecture, evr } = rpm.facts;
  const file = `drpms/${nameOf(rpm, baseline)}`;
  return { name, architecture, oldEvr: baseline.evr, newEvr: evr, file, size, sha256, sequence };
}

function nameOf({ facts }: ReleaseRpm, baseline: Baseline): string {
  const { name, architecture, evr } = facts;
  return deltaFileName({ name, architecture, oldEvr: baseline.evr, newEvr: evr });
}
