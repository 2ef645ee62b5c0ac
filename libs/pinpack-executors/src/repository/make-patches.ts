// Makes or restores the patches of one RPM: against earlier publications, and against nothing. Writes the patch record for `repo`.
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { makePatch, patchFileName, type Patch, type PublishedPatch, type Refusal } from '@pinpack/rpm-repo';
import type { Baseline } from './baselines.js';
import type { DeltasRequest } from './make-deltas.js';
import { formatPatchRecord, patchRecordFile } from './patch-record.js';
import type { PreparedRpm } from './prepare-rpm.js';
import { fetchPublished } from './published-rpms.js';
import { repositoryPaths } from './repository-paths.js';
import { PATCH, patchKey } from './stored-patch.js';
import { keepResult, restoreResult } from './stored-result.js';

/** The result for one older version, or without one for the whole RPM. */
export interface PatchOutcome {
  baseline: Baseline | undefined;
  result: Patch | Refusal;
  isRestored: boolean;
}

/** @throws StoreError, PinpackError, RpmError. @throws RepoError `REPO_PROGRAM_FAILED` */
export async function makePatches(request: DeltasRequest): Promise<PatchOutcome[]> {
  const { root, set, rpm, baselines } = request;
  const whole = await makeOne(request, undefined, rpm.facts.size);
  const instead = 'refused' in whole.result ? rpm.facts.size : whole.result.size;
  const outcomes = [whole];
  for (const baseline of baselines) outcomes.push(await makeOne(request, baseline, instead));
  const patches = outcomes.flatMap(({ baseline, result }) =>
    'refused' in result ? [] : [publishedPatch(rpm, baseline, result)],
  );
  await writePatches(root, set, rpm, patches);
  return outcomes;
}

/** Removes the record of an earlier run. @param name - of the RPM */
export async function removePatchRecord(root: string, set: string, name: string): Promise<void> {
  await rm(join(root, repositoryPaths(set).patches, patchRecordFile(name)), { force: true });
}

async function writePatches(
  root: string,
  set: string,
  { facts }: PreparedRpm,
  patches: readonly PublishedPatch[],
): Promise<void> {
  const folder = join(root, repositoryPaths(set).patches);
  const { name, sha256, size } = facts;
  const record = formatPatchRecord({ sha256, size, patches: [...patches] });
  await writeFileAtomically(join(folder, patchRecordFile(name)), [Buffer.from(record)]);
  const kept = new Set(patches.map(({ file }) => file.slice('patches/'.length)));
  // The version after the name starts with a digit, and the last part of a name does not.
  const own = new RegExp(`^${name.replaceAll(/[.+]/g, '\\$&')}-[^-]+-[^-]+(?:-[^-]+)?\\.patch$`);
  const others = (await readdir(folder)).filter((file) => own.test(file) && !kept.has(file));
  await Promise.all(others.map((file) => rm(join(folder, file), { force: true })));
}

async function makeOne(request: DeltasRequest, baseline: Baseline | undefined, instead: number): Promise<PatchOutcome> {
  const { root, set, rpm, publication, share, store, inTurn } = request;
  const name = nameOf(rpm, baseline);
  const folder = join(root, repositoryPaths(set).patches);
  const key = patchKey({ before: baseline?.sha256, after: rpm.facts.sha256, instead, share });
  const restored = await restoreResult(store, PATCH, { key, path: join(folder, name) });
  if (restored !== undefined) return { baseline, result: restored, isRestored: true };
  const oldRpm = baseline && (await fetchPublished(root, publication, set, baseline));
  // In the folder of the patches, so that a finished one can be renamed.
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, '.work-'));
  try {
    const path = join(work, 'patch');
    const made = await inTurn(() => makePatch({ oldRpm, newRpm: rpm.path, path, instead, share }));
    await keepResult(store, PATCH, { key, name, made, path, work });
    if (!('refused' in made)) await rename(path, join(folder, name));
    return { baseline, result: made, isRestored: false };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function publishedPatch(
  rpm: PreparedRpm,
  baseline: Baseline | undefined,
  { size, sha256, rpm: made, unpacked, old }: Patch,
): PublishedPatch {
  const { name, architecture, evr } = rpm.facts;
  const origin = baseline && old && { old: { evr: baseline.evr, ...old } };
  const file = `patches/${nameOf(rpm, baseline)}`;
  return { name, architecture, newEvr: evr, rpm: made, unpacked, ...origin, file, size, sha256 };
}

function nameOf({ facts }: PreparedRpm, baseline: Baseline | undefined): string {
  const { name, architecture, evr } = facts;
  return patchFileName({ name, architecture, newEvr: evr, oldEvr: baseline?.evr });
}
