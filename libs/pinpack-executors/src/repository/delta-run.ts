// Makes the deltas and patches of one run. Its tasks share the progress line, the processors and the records of earlier publications.
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Store } from '@pinpack/build-store';
import { readPackageFile } from '@pinpack/rpm-repo';
import pLimit from 'p-limit';
import { PinpackError } from '../pinpack-error.js';
import { formatBytes, Progress } from '@pinpack/common/progress';
import { findSetRpm, wantedRpms, type WantedSetRpm } from '../rpms/set-rpms.js';
import { prunePublished, readPublications, type PublishedRepository } from './published-rpms.js';
import { prepareRpm, type PreparedRpm } from './prepare-rpm.js';
import type { PublishTools } from './publish-tools.js';
import { readLockedSets } from '../workspace/locked-sets.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { RUNTIME, setLabel, WHEELHOUSE } from '@pinpack/rpm-packaging';
import { planBaselines, type Baseline } from './baselines.js';
import { removeDeltaRecord, makeDeltas, type DeltaOutcome } from './make-deltas.js';
import { makePatches, removePatchRecord, type PatchOutcome } from './make-patches.js';

/** Without a reqset: the deltas of pinpack's own RPMs for every set. */
export interface DeltaOptions {
  reqset?: string;
  /** The name of the RPM. */
  name?: string;
  /** `version-release` of the RPM, without epoch. */
  version?: string;
}

interface Shared {
  root: string;
  tools: PublishTools;
  store: Promise<Store | undefined>;
}

export class DeltaRun {
  private readonly progress: Progress;
  private readonly inTurn = pLimit(availableParallelism());
  private readonly publications = new Map<string, Promise<PublishedRepository[]>>();
  private readonly wanted = new Map<string, Promise<WantedSetRpm[]>>();
  private readonly explained = new Set<string>();

  constructor(
    private readonly shared: Shared,
    count: number,
  ) {
    this.progress = new Progress('delta', { items: count, bytes: 0 });
  }

  /** @throws RpmError, RepoError, PinpackError, StoreError */
  async make(options: DeltaOptions): Promise<void> {
    await this.progress.during(options.name ?? setLabel(options.reqset ?? ''), () => this.makeAll(options));
  }

  private async makeAll(options: DeltaOptions): Promise<void> {
    const outcomes = [];
    for (const request of requestsOf(this.shared.root, options)) outcomes.push(await this.makeDeltasOf(request));
    const lines = outcomes.flatMap((outcome) => outcome ?? []);
    if (lines.length > 0) this.progress.done(lines.join('\n'));
    else if (options.reqset !== undefined) this.explainNoDeltas(setLabel(options.reqset));
  }

  /** @returns lines about the deltas; undefined if nothing is published */
  private async makeDeltasOf({ set, name, subject }: DeltaRequest): Promise<string[] | undefined> {
    const { root, tools, store } = this.shared;
    const { publication, settings, signer } = tools;
    const publications = await this.publicationsOf(set);
    const found = await findSetRpm(root, await this.wantedOf(set), name);
    const older = await this.baselinesOf(join(root, found.file), publications);
    const hasPatches = publication !== undefined && settings.patches > 0;
    if (older.deltas.length === 0) await removeDeltaRecord(root, set, name);
    if (!hasPatches) await removePatchRecord(root, set, name);
    if (publication === undefined || (older.deltas.length === 0 && !hasPatches))
      return publications.length === 0 ? undefined : [`${subject}: no older version is published`];
    const rpm = await prepareRpm({ root, set, rpm: found, signer });
    const request = {
      root,
      set,
      rpm,
      publication,
      share: settings.deltaShare,
      store: await store,
      inTurn: this.inTurn,
    };
    const deltas = older.deltas.length === 0 ? [] : await makeDeltas({ ...request, baselines: older.deltas });
    const patches = hasPatches ? await makePatches({ ...request, baselines: older.patches }) : [];
    this.progress.advance(rpm.facts.size);
    return [
      ...deltas.map((outcome) => `${subject}: ${describe(rpm, outcome)}`),
      ...patches.map((outcome) => `${subject}: ${describePatch(rpm, outcome)}`),
    ];
  }

  private async baselinesOf(
    file: string,
    publications: readonly PublishedRepository[],
  ): Promise<Record<'deltas' | 'patches', Baseline[]>> {
    if (publications.length === 0) return { deltas: [], patches: [] };
    const { deltas, patches } = this.shared.tools.settings;
    const facts = await readPackageFile(file);
    const baselines = (count: number) =>
      count === 0
        ? []
        : planBaselines(
            facts,
            publications.filter(({ isLatest }, index) => isLatest || index < count),
          );
    return { deltas: baselines(deltas), patches: baselines(patches) };
  }

  private wantedOf(set: string): Promise<WantedSetRpm[]> {
    const known = this.wanted.get(set) ?? wantedRpms(this.shared.root, set);
    this.wanted.set(set, known);
    return known;
  }

  private publicationsOf(set: string): Promise<PublishedRepository[]> {
    const known = this.publications.get(set) ?? this.readPublicationsOf(set);
    this.publications.set(set, known);
    return known;
  }

  private async readPublicationsOf(set: string): Promise<PublishedRepository[]> {
    const { root, tools } = this.shared;
    const { publication, settings } = tools;
    const count = Math.max(settings.deltas, settings.patches);
    if (publication === undefined || count === 0) return [];
    const label = setLabel(set);
    const publications = await readPublications(publication, label, count);
    await prunePublished(root, set, publications);
    return publications;
  }

  /** Prints the reason once for each set, not for each of its RPMs. */
  private explainNoDeltas(label: string): void {
    if (this.explained.has(label)) return;
    this.explained.add(label);
    const { publication, settings } = this.shared.tools;
    if (publication === undefined)
      console.log(`${label}: no deltas: "publish" is not set in the options of the plugin in nx.json`);
    else if (settings.deltas === 0) console.log(`${label}: no deltas: the option "deltas" is 0`);
    else console.log(`${label}: no deltas: nothing is published at ${publication.location}`);
  }
}

interface DeltaRequest {
  set: string;
  name: string;
  /** For messages. */
  subject: string;
}

function requestsOf(root: string, { reqset: set, name }: DeltaOptions): DeltaRequest[] {
  if (set !== undefined && name !== undefined) return [{ set, name, subject: name }];
  if (set === undefined && name === undefined) {
    return readLockedSets(root).flatMap((each) =>
      [RUNTIME, WHEELHOUSE].map((own) => ({ set: each, name: own, subject: `${own} of ${setLabel(each)}` })),
    );
  }
  throw new PinpackError('PINPACK_OPTIONS_INVALID', 'delta', [
    `found reqset ${set ?? 'none'} and name ${name ?? 'none'}`,
    "expected both, or neither for pinpack's own RPMs",
  ]);
}

function describe({ facts }: PreparedRpm, { baseline, result, isRestored }: DeltaOutcome): string {
  const versions = `${baseline.evr} → ${facts.evr}`;
  const origin = isRestored ? ', from the store' : '';
  if ('refused' in result) return `${versions}: no delta, ${result.refused}${origin}`;
  const percent = Math.ceil((result.size / facts.size) * 100);
  return `${versions}, ${formatBytes(result.size)} instead of ${formatBytes(facts.size)} (${percent}%)${origin}`;
}

function describePatch({ facts }: PreparedRpm, { baseline, result, isRestored }: PatchOutcome): string {
  const versions = baseline === undefined ? `${facts.evr}, without an older version` : `${baseline.evr} → ${facts.evr}`;
  const origin = isRestored ? ', from the store' : '';
  if ('refused' in result) return `${versions}: no patch, ${result.refused}${origin}`;
  return `${versions}, patch of ${formatBytes(result.size)} instead of ${formatBytes(facts.size)}${origin}`;
}

/** In bytes. 0 if the RPM is missing, which its own task reports. */
export function rpmSize(root: string, options: DeltaOptions | undefined): number {
  try {
    const { reqset, name, version } = options ?? {};
    if (reqset === undefined || name === undefined || version === undefined) return 0;
    const folder = join(root, reqsetPaths(reqset).rpms);
    const file = readdirSync(folder).find((each) => each.startsWith(`${name}-${version}.`));
    return file === undefined ? 0 : statSync(join(folder, file)).size;
  } catch {
    return 0;
  }
}
