import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import { formatWeeks, readWeeks } from '../cli/stat-weeks.js';
import { branchNamespace, reportPrefix, type Namespace } from '../names/object-keys.js';
import { RunReports, weekOf, type RunReport } from './run-reports.js';
import { newFolder } from './store.fixture.js';

const NOW = new Date('2026-11-26T12:00:00Z');

function report(durations: Record<string, number>, at = NOW): RunReport {
  return {
    version: 1,
    at: at.toISOString(),
    tasks: { local: 1, store: 2, made: 1 },
    bytes: { downloaded: 3e6, uploaded: 1e6 },
    savedMs: 60_000,
    durations,
  };
}

async function open() {
  const folder = await newFolder();
  const backend = new FolderBackend(folder);
  return { folder, backend, reports: (namespace: Namespace = 'main') => new RunReports(backend, namespace) };
}

// As `date -d DAY +%G-W%V` prints them.
test.each([
  ['2026-11-26', '2026-W48'],
  ['2027-01-01', '2026-W53'],
  ['2027-01-04', '2027-W01'],
  ['2024-12-30', '2025-W01'],
  ['2023-01-01', '2022-W52'],
])('the week of %s is %s', (day, week) => {
  expect(weekOf(new Date(`${day}T10:00:00Z`))).toBe(week);
});

describe('RunReports', () => {
  test('has the median duration of each task, of main and of the own branch', async () => {
    const { reports } = await open();
    const own = branchNamespace('team/repository#1');
    for (const ms of [100, 900, 300]) await reports().add(report({ 'a:rpm': ms }));
    await reports(own).add(report({ 'b:rpm': 5 }));
    await reports(branchNamespace('other')).add(report({ 'c:rpm': 5 }));
    expect(Object.fromEntries(await reports().durations(NOW))).toEqual({ 'a:rpm': 300 });
    expect(Object.fromEntries(await reports(own).durations(NOW))).toEqual({ 'a:rpm': 300, 'b:rpm': 5 });
  });

  test('skips damaged reports', async () => {
    const { folder, reports } = await open();
    await reports().add(report({ 'a:rpm': 7 }));
    const file = join(folder, reportPrefix('main', weekOf(NOW)), 'damaged');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '{"version": 1, "durations": {"a:rpm": -1}}');
    expect(Object.fromEntries(await reports().durations(NOW))).toEqual({ 'a:rpm': 7 });
  });
});

test('pinpack-store stat --weeks sums up the reports of each week', async () => {
  const { backend, reports } = await open();
  const before = new Date('2026-11-18T12:00:00Z');
  for (const at of [NOW, NOW, before]) await reports().add(report({}, at));
  await reports(branchNamespace('other')).add(report({}));
  const all = await readWeeks(backend, { weeks: 2, namespace: undefined, now: NOW });
  expect(all.map(({ week, runs }) => [week, runs])).toEqual([
    ['2026-W47', 1],
    ['2026-W48', 3],
  ]);
  const main = await readWeeks(backend, { weeks: 3, namespace: 'main', now: NOW });
  expect(formatWeeks('s3://bucket', main)).toBe(
    's3://bucket: 3 reported runs\n' +
      '  week      runs  tasks  hits  downloaded  uploaded  saved\n' +
      '  2026-W46  0     0      -     0 B         0 B       0 s\n' +
      '  2026-W47  1     4      75%   3.0 MB      1.0 MB    60 s\n' +
      '  2026-W48  2     8      75%   6.0 MB      2.0 MB    2 min\n',
  );
});
