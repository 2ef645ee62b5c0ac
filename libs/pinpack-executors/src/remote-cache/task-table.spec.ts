import type { PostTasksExecutionContext } from '@nx/devkit';
import { describe, expect, test } from 'vitest';
import { describeTasks, reportOf, savingsOf, type RunTask } from './run-tasks.js';
import { formatTaskMarkdown, formatTaskTable } from './task-table.js';

type TaskResult = PostTasksExecutionContext['taskResults'][string];

function result(
  status: TaskResult['status'],
  times: { startTime?: number; endTime?: number } = {},
  cache = true,
  outputs = ['out'],
): TaskResult {
  return { status, code: 0, task: { cache, outputs, ...times } } as TaskResult;
}

const TIMES = { startTime: 1000, endTime: 3500 };

describe('the tasks of a run', () => {
  test('have the origin that Nx or the executor knows, and the time that Nx measured', () => {
    const results = {
      'a:rpm': result('local-cache'),
      'b:rpm': result('remote-cache', TIMES),
      'c:wheel': result('success', TIMES),
      'd:wheel': result('success', TIMES),
      'e:wheel': result('success', TIMES),
      'f:rpm': result('success', TIMES),
      'f:wheel': result('success', TIMES),
      'g:rpm': result('failure', TIMES),
      'h:lock': result('success', TIMES, false),
      'i:rpm': result('success', { startTime: 1, endTime: 2 }, true, []),
      'j:smoke': result('success', TIMES, true, []),
    };
    const origins = new Map([
      ['c:wheel', { task: 'c:wheel', origin: 'local' }],
      ['d:wheel', { task: 'd:wheel', origin: 'remote' }],
      ['e:wheel', { task: 'e:wheel', origin: 'index' }],
      ['f:wheel', { task: 'f:wheel', origin: 'built', ms: 700 }],
    ] as const);
    expect(describeTasks(results, origins)).toEqual([
      { id: 'a:rpm', from: 'machine' },
      { id: 'b:rpm', from: 'store', ms: 2500 },
      { id: 'c:wheel', from: 'machine', ms: 2500 },
      { id: 'd:wheel', from: 'store', ms: 2500 },
      { id: 'e:wheel', from: 'index', ms: 2500 },
      { id: 'f:rpm', from: 'made', ms: 2500 },
      { id: 'f:wheel', from: 'made', ms: 700 },
      { id: 'j:smoke', from: 'made', ms: 2500 },
    ]);
  });

  test('have saved what they took before, less what restoring them took', () => {
    const tasks: RunTask[] = [
      { id: 'a:rpm', from: 'store', ms: 200 },
      { id: 'b:rpm', from: 'machine' },
      { id: 'c:rpm', from: 'made', ms: 900 },
      { id: 'new:rpm', from: 'store', ms: 10 },
    ];
    const durations = new Map([
      ['a:rpm', 5000],
      ['b:rpm', 100],
      ['c:rpm', 800],
    ]);
    const savings = savingsOf(tasks, durations);
    expect(savings).toEqual({ 'a:rpm': 4800, 'b:rpm': 100 });
    const event = { kind: 'rpm', key: 'k', name: 'n', ms: 1, at: 0 } as const;
    const events = [
      { ...event, event: 'hit', from: 'remote', bytes: 7 },
      { ...event, event: 'hit', from: 'local', bytes: 100 },
      { ...event, event: 'uploaded', bytes: 3 },
    ] as const;
    expect(reportOf({ tasks, savings, events, now: new Date(0) })).toEqual({
      version: 1,
      at: '1970-01-01T00:00:00.000Z',
      tasks: { local: 1, store: 2, made: 1 },
      bytes: { downloaded: 7, uploaded: 3 },
      savedMs: 4900,
      durations: { 'c:rpm': 900 },
    });
  });
});

describe('the table of a run', () => {
  const tasks: RunTask[] = [
    { id: 'set-wheel-six:rpm', from: 'store', ms: 40 },
    { id: 'set-wheel-numpy:rpm', from: 'store', ms: 300 },
    { id: 'set-wheel-scipy:wheel', from: 'made', ms: 185_000 },
    { id: 'set-wheel-attrs:wheel', from: 'index', ms: 90 },
    { id: 'set-app:rpm', from: 'machine' },
  ];
  const savings = { 'set-wheel-numpy:rpm': 4200 };

  test('on the terminal', () => {
    expect(formatTaskTable({ tasks, savings }, false)).toEqual([
      '  task                   from          took  saved',
      '  set-wheel-scipy:wheel  built    3 min 5 s',
      '  set-wheel-attrs:wheel  index        0.1 s',
      '  set-wheel-numpy:rpm    store        0.3 s  4.2 s',
      '  set-wheel-six:rpm      store        0.0 s',
      '  set-app:rpm            machine',
      '  1 built, 1 from the index, 2 from the store, 1 from this machine; saved about 4.2 s of work',
    ]);
    expect(formatTaskTable({ tasks: [] }, false)).toEqual([]);
  });

  test('is short without --verbose', () => {
    const many = Array.from({ length: 60 }, (_, index): RunTask => ({ id: `p${index}:rpm`, from: 'store', ms: 1 }));
    expect(formatTaskTable({ tasks: many }, false)).toHaveLength(13);
    expect(formatTaskTable({ tasks: many }, false).at(-2)).toBe('  … and 50 more (all: --verbose)');
    expect(formatTaskTable({ tasks: many }, true)).toHaveLength(62);
    expect(formatTaskMarkdown({ tasks: many })).toContain('<summary>30 more tasks</summary>');
  });

  test('on the page of a job', () => {
    const [numbers, , heading, line, first] = formatTaskMarkdown({ tasks, savings }).split('\n');
    expect(numbers).toMatch(/^1 built, .* saved about 4\.2 s of work$/);
    expect([heading, line, first]).toEqual([
      '| task | from | took | saved |',
      '| --- | --- | --: | --: |',
      '| set-wheel-scipy:wheel | built | 3 min 5 s |  |',
    ]);
  });
});
