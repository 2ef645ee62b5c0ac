// Makes or restores the deltas of one RPM against earlier publications, and writes the delta record for `repo`.
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
import type { PreparedRpm } from './prepare-rpm.js';
import { deltaRecordFile, formatDeltaRecord } from './delta-record.js';
import { repositoryPaths } from './repository-paths.js';
import { fetchPublished } from './published-rpms.js';
import type { Baseline } from './baselines.js';
import { DELTA, deltaKey } from './stored-delta.js';
import { keepResult, restoreResult } from './stored-result.js';

export interface DeltasRequest {
  root: string;
  set: string;
  rpm: PreparedRpm;
  baselines: readonly Baseline[];
  publication: Publications;
  share: number;
  store: Store | undefined;
  /** Runs the work when a processor is free. */
  inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** The result for one baseline. */
export interface DeltaOutcome {
  baseline: Baseline;
  result: Omit<Delta, 'path'> | Refusal;
  isRestored: boolean;
}

/** @throws StoreError, PinpackError. @throws RepoError `REPO_PROGRAM_MISSING` */
export async function makeDeltas(request: DeltasRequest): Promise<DeltaOutcome[]> {
  const outcomes: DeltaOutcome[] = [];
  for (const baseline of request.baselines) outcomes.push(await makeOne(request, baseline));
  const deltas = outcomes.flatMap(({ baseline, result }) =>
    'refused' in result ? [] : [publishedDelta(request.rpm, baseline, result)],
  );
  await writeDeltas(request.root, request.set, request.rpm, deltas);
  return outcomes;
}

/** Removes the delta record of an earlier run, whose baselines are not published. @param name - of the RPM */
export async function removeDeltaRecord(root: string, set: string, name: string): Promise<void> {
  await rm(join(root, repositoryPaths(set).deltas, deltaRecordFile(name)), { force: true });
}

async function writeDeltas(
  root: string,
  set: string,
  { facts }: PreparedRpm,
  deltas: readonly PublishedDelta[],
): Promise<void> {
  const folder = join(root, repositoryPaths(set).deltas);
  const record = formatDeltaRecord({ sha256: facts.sha256, deltas: [...deltas] });
  await writeFileAtomically(join(folder, deltaRecordFile(facts.name)), [Buffer.from(record)]);
  const kept = new Set(deltas.map(({ file }) => file.slice('drpms/'.length)));
  // The version after the name starts with a digit, and the last part of a name does not.
  const own = new RegExp(`^${facts.name.replaceAll(/[.+]/g, '\\$&')}-[^-]+-[^-]+_[^-]+-[^-]+\\.drpm$`);
  const others = (await readdir(folder)).filter((name) => own.test(name) && !kept.has(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}

async function makeOne(request: DeltasRequest, baseline: Baseline): Promise<DeltaOutcome> {
  const { root, set, rpm, publication, share, store, inTurn } = request;
  const refusal = refuseContent(rpm.facts.contentSize);
  if (refusal !== undefined) return { baseline, result: refusal, isRestored: false };
  const name = nameOf(rpm, baseline);
  const path = join(root, repositoryPaths(set).deltas, name);
  const inputs = { before: baseline.sha256, after: rpm.facts.sha256, share, program: await deltaProgramDigest() };
  const key = deltaKey(inputs);
  const restored = await restoreResult(store, DELTA, { key, path });
  if (restored !== undefined) return { baseline, result: restored, isRestored: true };
  const oldRpm = await fetchPublished(root, publication, set, baseline);
  const work = await makeWork(root, set);
  try {
    const result = await inTurn(() => makeDelta({ oldRpm, newRpm: rpm.path, work, share }));
    const kept = { key, name, work };
    if ('refused' in result) {
      await keepResult(store, DELTA, { ...kept, made: result });
    } else {
      const { path: made, ...facts } = result;
      await keepResult(store, DELTA, { ...kept, made: facts, path: made });
      await rename(made, path);
    }
    return { baseline, result, isRestored: false };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** In the folder of the deltas, so that a finished delta can be renamed. */
async function makeWork(root: string, set: string): Promise<string> {
  const folder = join(root, repositoryPaths(set).deltas);
  await mkdir(folder, { recursive: true });
  return mkdtemp(join(folder, '.work-'));
}

function publishedDelta(
  rpm: PreparedRpm,
  baseline: Baseline,
  { size, sha256, sequence }: Omit<Delta, 'path'>,
): PublishedDelta {
  const { name, architecture, evr } = rpm.facts;
  const file = `drpms/${nameOf(rpm, baseline)}`;
  return { name, architecture, oldEvr: baseline.evr, newEvr: evr, file, size, sha256, sequence };
}

function nameOf({ facts }: PreparedRpm, baseline: Baseline): string {
  const { name, architecture, evr } = facts;
  return deltaFileName({ name, architecture, oldEvr: baseline.evr, newEvr: evr });
}
