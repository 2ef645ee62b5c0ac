// Formats the tasks of a run as a table: for the terminal, and as Markdown for the page of a CI job. Pure.
import { formatTable } from '@pinpack/common/format-table';
import { totalOf, type RunTask, type Savings, type TaskSource } from './run-tasks.js';

export interface TableRequest {
  tasks: readonly RunTask[];
  savings?: Savings;
}

/** Rows that are shown without `--verbose`, and the rows of a page that are not folded. */
const SHOWN = 10;
const UNFOLDED = 30;
/** GitHub's limit for a page is 1 MiB. */
const LONGEST_PAGE = 2_000;

const HEADING = ['task', 'from', 'took', 'saved'];
const NAMES: Record<TaskSource, string> = { made: 'built', index: 'index', store: 'store', machine: 'machine' };

/** Lines; none without tasks. */
export function formatTaskTable(request: TableRequest, isVerbose: boolean): string[] {
  const rows = sortedRows(request);
  if (rows.length === 0) return [];
  const shown = isVerbose ? rows : rows.slice(0, SHOWN);
  const hidden = rows.length - shown.length;
  return [
    ...formatTable(HEADING, shown).map((line) => `  ${line}`),
    ...(hidden === 0 ? [] : [`  … and ${hidden} more (all: --verbose)`]),
    `  ${totals(request)}`,
  ];
}

/** Markdown; empty without tasks. */
export function formatTaskMarkdown(request: TableRequest): string {
  const rows = sortedRows(request);
  if (rows.length === 0) return '';
  const table = (part: readonly string[][]): string =>
    [HEADING, ['---', '---', '--:', '--:'], ...part].map((row) => `| ${row.join(' | ')} |\n`).join('');
  const rest = rows.slice(UNFOLDED, LONGEST_PAGE);
  const folded =
    rest.length === 0 ? '' : `\n<details><summary>${rest.length} more tasks</summary>\n\n${table(rest)}\n</details>\n`;
  return `${totals(request)}\n\n${table(rows.slice(0, UNFOLDED))}${folded}\n`;
}

/** Built tasks first, the longest at the top; then restored ones, by what they saved. */
function sortedRows({ tasks, savings = {} }: TableRequest): string[][] {
  const rank = ({ from }: RunTask): number => (from === 'made' ? 0 : from === 'index' ? 1 : 2);
  const weight = ({ id, ms = 0 }: RunTask): number => savings[id] ?? ms / 1e6;
  const cost = (task: RunTask): number => (rank(task) === 2 ? weight(task) : (task.ms ?? 0));
  return [...tasks]
    .sort((a, b) => rank(a) - rank(b) || cost(b) - cost(a) || a.id.localeCompare(b.id))
    .map(({ id, from, ms }) => [id, NAMES[from], formatMs(ms), formatMs(savings[id])]);
}

/** `2 built, 1 from the index, 41 from the store, 3 from this machine; saved 3 min 20 s` */
function totals({ tasks, savings = {} }: TableRequest): string {
  const count = (source: TaskSource, label: string): string[] => {
    const found = tasks.filter(({ from }) => from === source).length;
    return found === 0 ? [] : [`${found} ${label}`];
  };
  const counts = [
    ...count('made', 'built'),
    ...count('index', 'from the index'),
    ...count('store', 'from the store'),
    ...count('machine', 'from this machine'),
  ];
  const saved = totalOf(savings);
  return `${counts.join(', ')}${saved < 100 ? '' : `; saved about ${formatMs(saved)} of work`}`;
}

export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return '';
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
