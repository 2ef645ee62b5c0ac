// Formats the summary of a run. Pure.
import type { FlushReport, RunEvent } from '@pinpack/build-store';
import { formatBytes } from '@pinpack/common/progress';
import type { RunTask, Savings } from './run-tasks.js';
import { formatTaskMarkdown, formatTaskTable } from './task-table.js';

export interface RunResult {
  /** Of the store; undefined if it could not be opened. */
  label?: string;
  flush?: FlushReport;
  savings?: Savings;
  tasks: readonly RunTask[];
  events: readonly RunEvent[];
  /** The run's one warning. */
  warning: string | undefined;
  /** How long the run waited for uploads, in milliseconds. */
  deadline: number;
  /** Whether the store is a folder of this machine, which has no local store in front of it. */
  isFolder: boolean;
}

/** Lines for the terminal; none for a run that did not use the store. */
export function formatSummary(result: RunResult, isVerbose: boolean): string[] {
  return [
    ...(isVerbose ? result.events.map(eventLine) : []),
    ...formatLines(result),
    ...(summaryLine(result) === undefined ? [] : formatTaskTable(result, isVerbose)),
  ];
}

function formatLines(result: RunResult): string[] {
  const line = summaryLine(result);
  const warning = result.warning === undefined ? [] : [`pinpack store: warning: ${withNextStep(result.warning)}`];
  return [...warning, ...(line === undefined ? [] : [`pinpack store: ${line}`])];
}

/** Messages about mistakes of the user contain the next step; for failures of the store it is always the same. */
function withNextStep(warning: string): string {
  if (warning.includes('\n')) return warning;
  return `${warning}\n  The run continued without the store where it failed. Check the store: npx pinpack-store ls`;
}

/** `41 of 43 from s3://bucket/prefix (312 MB in 4.1 s), 2 built, 2 uploaded` */
function summaryLine({ label, flush, events, deadline, isFolder }: RunResult): string | undefined {
  if (label === undefined) return undefined;
  const { answered, asked, local } = countAnswers(events);
  const near = isFolder ? 0 : local;
  const uploaded = events.filter(({ event }) => event === 'uploaded').length;
  const { left = 0, refused = 0 } = flush ?? {};
  if (asked + uploaded + left + refused === 0) return undefined;
  const remote = events.filter(({ event, from }) => event === 'hit' && (isFolder || from === 'remote'));
  const amount = `${formatBytes(sumOf(remote))} in ${(spanOf(remote) / 1000).toFixed(1)} s`;
  return [
    `${answered - near} of ${asked} from ${label}${remote.length === 0 ? '' : ` (${amount})`}`,
    ...(near === 0 ? [] : [`${near} from this machine`]),
    ...(asked === answered ? [] : [`${asked - answered} built`]),
    ...(uploaded === 0 ? [] : [`${uploaded} uploaded`]),
    ...(refused === 0 ? [] : [`${refused} refused`]),
    ...(left === 0 ? [] : [`${left} not uploaded within ${deadline / 1000} s and left for the next run`]),
  ].join(', ');
}

/**
 * After a miss of Nx, a task may look up its own key: both count as one lookup, and so do several misses of one key, since Nx 22.7 asks for it up to four
 * times in a run.
 */
function countAnswers(events: readonly RunEvent[]): { asked: number; answered: number; local: number } {
  const find = (event: string, isNx: boolean): RunEvent[] =>
    events.filter((one) => one.event === event && (one.kind === 'nx') === isNx);
  const count = (event: string, isNx: boolean): number => find(event, isNx).length;
  const ownHits = count('hit', false);
  const missedByNx = new Set(find('miss', true).map(({ key }) => key)).size;
  const asked = count('hit', true) + Math.max(missedByNx, ownHits + count('miss', false));
  const local = events.filter(({ event, from }) => event === 'hit' && from === 'local').length;
  return { asked, answered: count('hit', true) + ownHits, local };
}

function sumOf(events: readonly RunEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The milliseconds during which at least one event was in progress. */
function spanOf(events: readonly RunEvent[]): number {
  let span = 0;
  let end = 0;
  for (const { at, ms } of [...events].sort((a, b) => a.at - a.ms - (b.at - b.ms))) {
    span += Math.max(0, at - Math.max(end, at - ms));
    end = Math.max(end, at);
  }
  return span;
}

function eventLine({ event, kind, key, name, bytes, ms, from }: RunEvent): string {
  const what = name === '' ? key : `${name} (${key.slice(0, 12)})`;
  const size = bytes === 0 ? '' : `, ${formatBytes(bytes)}`;
  return `pinpack store: ${event} ${kind} ${what}${size}, ${ms} ms${from === undefined ? '' : `, ${from}`}`;
}

/** Markdown for the summary page of a CI job; empty if the terminal has no lines. */
export function formatJobSummary(result: RunResult): string {
  const [first, ...rest] = formatLines(result).reverse();
  if (first === undefined) return '';
  const details = result.events.map(eventLine).join('\n');
  const block =
    details === '' ? '' : `<details><summary>All events</summary>\n\n\`\`\`text\n${details}\n\`\`\`\n\n</details>\n\n`;
  return `${[first, ...rest].map((line) => `${line}\n\n`).join('')}${formatTaskMarkdown(result)}${block}`;
}
