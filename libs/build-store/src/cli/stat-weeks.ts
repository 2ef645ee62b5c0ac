// `pinpack-store stat --weeks`: hit rate, bytes and savings of runs by week, from their reports in the store.
import type { ObjectBackend } from '../backends/backend.js';
import { LAYOUT_VERSION, parseReportPath, type Namespace } from '../names/object-keys.js';
import { readReports, weekOf, type RunReport } from '../store/run-reports.js';
import { formatBytes, formatCount, formatTable } from './format.js';

export interface Week {
  week: string;
  runs: number;
  /** Cacheable tasks. */
  tasks: number;
  fromStore: number;
  fromMachine: number;
  made: number;
  downloaded: number;
  uploaded: number;
  savedMs: number;
}

const WEEK_MS = 7 * 24 * 60 * 60_000;

/**
 * Sums up the reports of the last weeks, oldest first.
 *
 * @param namespace - default: all, which a server's token may not list
 * @throws StoreError
 */
export async function readWeeks(
  backend: ObjectBackend,
  { weeks, namespace, now }: { weeks: number; namespace: Namespace | undefined; now: Date },
): Promise<Week[]> {
  const wanted = Array.from({ length: weeks }, (_, back) => weekOf(new Date(now.getTime() - back * WEEK_MS))).reverse();
  const paths = new Map<string, string[]>(wanted.map((week) => [week, []]));
  const prefix = namespace === undefined ? `${LAYOUT_VERSION}/` : `${LAYOUT_VERSION}/${namespace}/runs/`;
  for await (const { path } of backend.list(prefix)) paths.get(parseReportPath(path)?.week ?? '')?.push(path);
  return Promise.all([...paths].map(async ([week, found]) => sumUp(week, await readReports(backend, found))));
}

function sumUp(week: string, reports: readonly RunReport[]): Week {
  const sum = (of: (report: RunReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const [fromStore, fromMachine, made] = [
    sum(({ tasks }) => tasks.store),
    sum(({ tasks }) => tasks.local),
    sum(({ tasks }) => tasks.made),
  ];
  return {
    ...{ week, runs: reports.length, tasks: fromStore + fromMachine + made, fromStore, fromMachine, made },
    downloaded: sum(({ bytes }) => bytes.downloaded),
    uploaded: sum(({ bytes }) => bytes.uploaded),
    savedMs: sum(({ savedMs }) => savedMs),
  };
}

export function formatWeeks(label: string, weeks: readonly Week[]): string {
  const runs = weeks.reduce((sum, week) => sum + week.runs, 0);
  const rows = weeks.map((week) => [
    ...[week.week, String(week.runs), String(week.tasks), percentage(week.fromStore + week.fromMachine, week.tasks)],
    ...[formatBytes(week.downloaded), formatBytes(week.uploaded), formatHours(week.savedMs)],
  ]);
  const heading = ['week', 'runs', 'tasks', 'hits', 'downloaded', 'uploaded', 'saved'];
  return `${label}: ${formatCount(runs, 'reported run', 'reported runs')}\n${formatTable([heading, ...rows])}`;
}

function percentage(part: number, whole: number): string {
  return whole === 0 ? '-' : `${Math.round((100 * part) / whole)}%`;
}

function formatHours(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
