// Reports of runs in a store: what came from where, what it saved, and how long tasks took. They are statistics for `pinpack-store stat`, and past durations
// for the plan of a pipeline. Each report is one write-once object below the week of the run. A missing or damaged report only makes the statistics less exact.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { sha256Of } from '@pinpack/common/digest';
import { parseJson } from '@pinpack/common/json';
import pLimit from 'p-limit';
import { z } from 'zod';
import type { Attempt, ObjectBackend, ObjectFacts } from '../backends/backend.js';
import { readableNamespaces, reportPrefix, type Namespace } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';

const COUNT = z.number().nonnegative();

const REPORT = z.object({
  version: z.literal(1),
  /** End of the run. */
  at: z.iso.datetime(),
  /** Cacheable tasks, by the origin of their outputs. */
  tasks: z.object({ local: COUNT, store: COUNT, made: COUNT }),
  /** Bytes from and to the store. */
  bytes: z.object({ downloaded: COUNT, uploaded: COUNT }),
  /** What the tasks took when they were made, less what restoring them took. */
  savedMs: COUNT,
  /** Of the tasks that ran, in milliseconds, by their ids. */
  durations: z.record(z.string().max(500), COUNT),
});

export type RunReport = z.output<typeof REPORT>;

/** Past durations of tasks in milliseconds, by their ids. */
export type Durations = ReadonlyMap<string, number>;

const REPORT_LIMIT = 4 << 20;
/** More reports make no better estimate. */
const RECENT = 10;
const WEEKS_BACK = 3;
const WEEK_MS = 7 * 24 * 60 * 60_000;
const AT_ONCE = 8;

export class RunReports {
  constructor(
    private readonly backend: ObjectBackend,
    private readonly namespace: Namespace,
  ) {}

  /** @throws StoreError */
  async add(report: RunReport, attempt: Attempt = {}): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(report)}\n`);
    const sha256 = sha256Of(bytes);
    const path = `${reportPrefix(this.namespace, weekOf(new Date(report.at)))}${randomUUID()}`;
    await this.backend.create(path, { size: bytes.length, sha256, open: () => Readable.from([bytes]) }, attempt);
  }

  /** The median duration of each task in recent runs. @throws StoreError */
  async durations(now: Date, attempt: Attempt = {}): Promise<Durations> {
    return mediansOf(await this.recent(now, attempt));
  }

  /** The reports of recent runs, newest first. @throws StoreError */
  async recent(now: Date, attempt: Attempt = {}): Promise<RunReport[]> {
    const found: ObjectFacts[] = [];
    for (let back = 0; back <= WEEKS_BACK && found.length < RECENT; back++) {
      const week = weekOf(new Date(now.getTime() - back * WEEK_MS));
      for (const namespace of readableNamespaces(this.namespace)) {
        for await (const facts of this.backend.list(reportPrefix(namespace, week), attempt)) found.push(facts);
      }
    }
    const recent = found.sort((a, b) => b.modified.getTime() - a.modified.getTime()).slice(0, RECENT);
    return readReports(
      this.backend,
      recent.map(({ path }) => path),
      attempt,
    );
  }
}

/** Reads reports; damaged ones are skipped. @throws StoreError of the backend */
export async function readReports(
  backend: ObjectBackend,
  paths: readonly string[],
  attempt: Attempt = {},
): Promise<RunReport[]> {
  const limit = pLimit(AT_ONCE);
  const read = async (path: string): Promise<RunReport[]> => {
    const bytes = await backend.read(path, REPORT_LIMIT, attempt).catch(ignoreInvalid);
    const report = bytes && parseJson(Buffer.from(bytes).toString(), REPORT);
    return report === undefined ? [] : [report];
  };
  return (await Promise.all(paths.map((path) => limit(() => read(path))))).flat();
}

function ignoreInvalid(error: unknown): undefined {
  if (!(error instanceof StoreError && error.code === 'STORE_ANSWER_INVALID')) throw error;
}

function mediansOf(reports: readonly RunReport[]): Durations {
  const all = new Map<string, number[]>();
  for (const { durations } of reports) {
    for (const [task, ms] of Object.entries(durations)) all.set(task, [...(all.get(task) ?? []), ms]);
  }
  return new Map([...all].map(([task, values]) => [task, median(values)]));
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The ISO 8601 week of a date: `2026-W48`. */
export function weekOf(date: Date): string {
  const day = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - day));
  const year = thursday.getUTCFullYear();
  const week = Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / (24 * 60 * 60_000) + 1) / 7);
  return `${year}-W${String(week).padStart(2, '0')}`;
}
