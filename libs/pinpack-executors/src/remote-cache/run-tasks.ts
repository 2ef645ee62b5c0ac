// Describes the cacheable tasks of a run: where their outputs came from, how long they took, and what the caches saved. Pure.
import type { PostTasksExecutionContext } from '@nx/devkit';
import type { Durations, RunEvent, RunReport } from '@pinpack/build-store';
import type { TaskOrigin } from '../tasks/task-origins.js';

/** `machine`: Nx's cache or the local folder of the store. `index`: downloaded from a package index. */
export type TaskSource = 'machine' | 'store' | 'index' | 'made';

export interface RunTask {
  /** `reqset3-wheel-numpy:rpm` */
  id: string;
  from: TaskSource;
  /** Undefined if Nx did not measure it. */
  ms?: number;
}

/** Milliseconds saved, by the ids of restored tasks whose past durations are known. */
export type Savings = Readonly<Record<string, number>>;

type TaskResults = PostTasksExecutionContext['taskResults'];
type TaskResult = TaskResults[string];

const GROUP_MS = 100;

/** @param origins - as recorded by executors; Nx counts these tasks as executed */
export function describeTasks(results: TaskResults, origins: ReadonlyMap<string, TaskOrigin>): RunTask[] {
  return Object.entries(results).flatMap(([id, { task, status }]) => {
    const from = sourceOf(status, origins.get(id));
    const ms = origins.get(id)?.ms ?? durationOf(task);
    // A group, such as `rpm` of a reqset, takes no time and has no outputs of its own.
    const isGroup = task.outputs.length === 0 && (ms ?? 0) < GROUP_MS;
    if (from === undefined || !task.cache || isGroup) return [];
    return [{ id, from, ...(ms !== undefined && { ms }) }];
  });
}

function durationOf({ startTime, endTime }: TaskResult['task']): number | undefined {
  return startTime === undefined || endTime === undefined ? undefined : Math.max(0, endTime - startTime);
}

function sourceOf(status: TaskResult['status'], origin: TaskOrigin | undefined): TaskSource | undefined {
  if (status === 'local-cache' || status === 'local-cache-kept-existing') return 'machine';
  if (status === 'remote-cache') return 'store';
  if (status !== 'success') return undefined;
  if (origin === undefined || origin.origin === 'built') return 'made';
  return origin.origin === 'local' ? 'machine' : origin.origin === 'remote' ? 'store' : 'index';
}

/** @param durations - of earlier runs, when the tasks were made */
export function savingsOf(tasks: readonly RunTask[], durations: Durations): Savings {
  return Object.fromEntries(
    tasks.flatMap(({ id, from, ms = 0 }) => {
      const past = durations.get(id);
      return from === 'made' || past === undefined ? [] : [[id, Math.max(0, past - ms)]];
    }),
  );
}

export interface ReportRequest {
  tasks: readonly RunTask[];
  savings: Savings;
  events: readonly RunEvent[];
  now: Date;
}

export function reportOf({ tasks, savings, events, now }: ReportRequest): RunReport {
  const count = (...sources: TaskSource[]): number => tasks.filter(({ from }) => sources.includes(from)).length;
  const bytes = (event: RunEvent['event'], from?: string): number =>
    events.reduce((sum, one) => (one.event === event && one.from === from ? sum + one.bytes : sum), 0);
  const made = tasks.filter(({ from, ms }) => (from === 'made' || from === 'index') && ms !== undefined);
  return {
    version: 1,
    at: now.toISOString(),
    tasks: { local: count('machine'), store: count('store'), made: count('made', 'index') },
    bytes: { downloaded: bytes('hit', 'remote'), uploaded: bytes('uploaded') },
    savedMs: totalOf(savings),
    durations: Object.fromEntries(made.map(({ id, ms = 0 }) => [id, ms])),
  };
}

export function totalOf(savings: Savings): number {
  return Object.values(savings).reduce((sum, ms) => sum + ms, 0);
}
