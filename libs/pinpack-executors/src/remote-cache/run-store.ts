// Opens and finishes the store of a run: in the run's server process, or in the plugin if that has ended.
import {
  FolderJournal,
  openRunReports,
  openStore,
  readRun,
  StoreError,
  type Durations,
  type FlushReport,
  type RunReports,
  type Store,
} from '@pinpack/build-store';
import { storeEnvironment } from '../workspace/store-environment.js';
import type { RunPlan } from './plan-run.js';
import { reportOf, savingsOf, type RunTask, type Savings } from './run-tasks.js';

/** The path by which the run asks its server to finish. */
export const FINISH_PATH = '/finish';

/** The server's answer. Both are undefined if the store could not be opened: the run's warning gives the reason. */
export interface Finished {
  label?: string;
  flush?: FlushReport;
  savings?: Savings;
}

export interface FinishRequest {
  plan: RunPlan;
  folder: string;
  tasks: readonly RunTask[];
}

/** For reading and writing reports, which are statistics only. */
const REPORTS_MS = 5_000;

/** An error in the store's URL or keys becomes the run's warning. */
export async function openRunStore({ url, publicKeys, sandbox }: RunPlan, folder: string): Promise<Store | undefined> {
  try {
    const environment = { ...storeEnvironment({ sandbox }, process.env), PINPACK_STORE_RUN: folder };
    return await openStore({ url, publicKeys, environment, isUploader: true });
  } catch (error) {
    const message =
      error instanceof StoreError
        ? error.message
        : `${String(error)}\n  This is a bug in pinpack: report it with the line above.`;
    await new FolderJournal(folder).warn(message);
    return undefined;
  }
}

/** Uploads pending entries, reports the run, and closes the store. */
export async function finishStore(store: Store | undefined, request: FinishRequest): Promise<Finished> {
  if (store === undefined) return {};
  const reports = await openReports(request);
  // Meanwhile the uploads go on.
  const durations = reports === undefined ? undefined : readDurations(reports, request.tasks);
  const flush = await store.flush(request.plan.deadline);
  const savings = savingsOf(request.tasks, (await durations) ?? new Map());
  if (store.canWrite && reports !== undefined) await addReport(reports, request, savings);
  await store.close();
  return { label: store.label, flush, savings };
}

/** undefined after failures of the store: a run waits for it once. */
async function openReports({ plan, folder, tasks }: FinishRequest): Promise<RunReports | undefined> {
  const journal = new FolderJournal(folder);
  if (tasks.length === 0 || (await journal.isSet('open')) || (await journal.isSet('read-only'))) return undefined;
  return openRunReports({ url: plan.url, environment: process.env }).catch(() => undefined);
}

async function readDurations(reports: RunReports, tasks: readonly RunTask[]): Promise<Durations> {
  if (tasks.every(({ from }) => from === 'made')) return new Map();
  return reports.durations(new Date(), within()).catch(() => new Map<string, number>());
}

async function addReport(reports: RunReports, { folder, tasks }: FinishRequest, savings: Savings): Promise<void> {
  const { events } = await readRun(folder);
  await reports.add(reportOf({ tasks, savings, events, now: new Date() }), within()).catch(() => undefined);
}

function within(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(REPORTS_MS) };
}
