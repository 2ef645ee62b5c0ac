// Makes the HTML report of a workspace, a reqset or a publication.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';
import { setLabel } from '@pinpack/rpm-packaging';
import { ownVersion } from '../workspace/own-version.js';
import { pluginOptions } from '../workspace/plugin-options.js';
import { formatPage, type PageAssets } from './format-page.js';
import { gatherPublication } from './gather-publication.js';
import { gatherSet } from './gather-set.js';
import type { PageData, SetData } from './page-data.js';
import { readRuns, type Runs } from './read-runs.js';
import type { GatherRequest } from './request.js';

export interface ReportRequest {
  root: string;
  nxJson: NxJsonConfiguration;
  sets: readonly string[];
  /** Whether these are all sets of the workspace. */
  isWorkspace: boolean;
  /** The ID of a publication of the only set, or `latest`; undefined for the locks. */
  publication: string | undefined;
  /** Whether neither indexes nor publications are read. */
  isOffline: boolean;
  environment: NodeJS.ProcessEnv;
  now: Date;
}

export interface MadeReport {
  data: PageData;
  html: string;
}

/** @throws PinpackError, DistError, StoreError */
export async function makeReport(request: ReportRequest): Promise<MadeReport> {
  const { root, nxJson, sets, publication, isOffline, environment, now } = request;
  const options = pluginOptions(nxJson);
  const runs = await readRuns({ options, environment, now });
  const today = now.toISOString().slice(0, 10);
  const gather = (set: string): Promise<SetData> => {
    const wanted: GatherRequest = { root, nxJson, options, environment, set, isOffline, runs, today };
    return publication === undefined ? gatherSet(wanted) : gatherPublication(wanted, publication);
  };
  const gathered: SetData[] = [];
  // One after the other, because they read the same pages of the index.
  for (const set of sets) gathered.push(await gather(set));
  const data: PageData = {
    title: titleOf(request, gathered),
    made: now.toISOString(),
    version: ownVersion(),
    sets: gathered,
    runs: runsOf(runs),
  };
  return { data, html: formatPage(data, await readAssets()) };
}

function titleOf({ root, sets, isWorkspace, publication }: ReportRequest, [first]: readonly SetData[]): string {
  const [only = ''] = sets;
  if (publication !== undefined) return `Publication ${first?.publication?.id ?? ''} of ${setLabel(only)}`;
  return isWorkspace ? `Workspace ${basename(root)}` : setLabel(only);
}

function runsOf({ reports }: Runs): PageData['runs'] {
  return reports.map(({ at, tasks, bytes, savedMs }) => ({ at, tasks, bytes, savedMs }));
}

/** The browser's code, which the build bundles. */
export async function readAssets(): Promise<PageAssets> {
  const [script, style] = await Promise.all(
    ['report.js', 'report.css'].map((name) => readFile(new URL(`../../dist/page/${name}`, import.meta.url), 'utf8')),
  );
  return { script: script ?? '', style: style ?? '' };
}
