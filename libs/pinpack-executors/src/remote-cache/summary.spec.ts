import type { RunEvent } from '@pinpack/build-store';
import { describe, expect, test } from 'vitest';
import { formatJobSummary, formatSummary, type RunResult } from './summary.js';

const LABEL = 's3://bucket/prefix';
const flush = { uploaded: 0, bytes: 0, left: 0, refused: 0 };

function event(changes: Partial<RunEvent>): RunEvent {
  return { event: 'hit', kind: 'nx', key: 'k', name: '', bytes: 0, ms: 0, at: 0, ...changes };
}

function lines(events: RunEvent[], changes: Partial<RunResult> = {}, isVerbose = false): string[] {
  const result = { label: LABEL, flush, events, warning: undefined, deadline: 60_000, isFolder: false, tasks: [] };
  return formatSummary({ ...result, ...changes }, isVerbose);
}

const hits = Array.from({ length: 41 }, () => event({ from: 'remote', bytes: 7_600_000 }));
const misses = [1, 2].flatMap(() => [
  event({ event: 'miss' }),
  event({ event: 'miss', kind: 'rpm' }),
  event({ event: 'built', kind: 'rpm' }),
  event({ event: 'built' }),
]);

describe('a run', () => {
  test('without use of the store prints no line', () => {
    expect(lines([])).toEqual([]);
  });

  test('prints one line', () => {
    const uploads = [event({ event: 'uploaded' }), event({ event: 'uploaded', kind: 'rpm' })];
    const timed = hits.map((hit, index) => ({ ...hit, at: 1000 + 100 * index, ms: 100 }));
    expect(lines([...timed, ...misses, ...uploads])).toEqual([
      'pinpack store: 41 of 43 from s3://bucket/prefix (311.6 MB in 4.1 s), 2 built, 2 uploaded',
    ]);
  });

  test('has its time on the clock, not as a sum of what went side by side', () => {
    const sideBySide = [event({ from: 'remote', at: 3000, ms: 2000 }), event({ from: 'remote', at: 3500, ms: 1000 })];
    const later = event({ from: 'remote', at: 9000, ms: 500 });
    expect(lines([later, ...sideBySide])).toEqual(['pinpack store: 3 of 3 from s3://bucket/prefix (0 B in 3.0 s)']);
  });

  test('a task that Nx misses and the executor finds by its own key is one answer', () => {
    const found = [event({ event: 'miss' }), event({ kind: 'rpm', from: 'remote', bytes: 5, ms: 100, at: 100 })];
    expect(lines(found)).toEqual(['pinpack store: 1 of 1 from s3://bucket/prefix (5 B in 0.1 s)']);
  });

  test('several misses of one key are one question', () => {
    const repeated = ['a', 'a', 'b', 'a'].map((key) => event({ event: 'miss', key }));
    expect(lines(repeated)).toEqual(['pinpack store: 0 of 2 from s3://bucket/prefix, 2 built']);
  });

  test('what this machine had is counted separately, unless the store is a folder of it', () => {
    const near = [event({ kind: 'rpm', from: 'local', bytes: 5 }), event({ from: 'remote' })];
    expect(lines(near)).toEqual(['pinpack store: 1 of 2 from s3://bucket/prefix (0 B in 0.0 s), 1 from this machine']);
    expect(lines(near, { isFolder: true, label: '/srv' })).toEqual(['pinpack store: 2 of 2 from /srv (5 B in 0.0 s)']);
  });

  test('reports entries that were not uploaded or were refused', () => {
    expect(lines([], { flush: { ...flush, left: 3, refused: 1 } })).toEqual([
      'pinpack store: 0 of 0 from s3://bucket/prefix, 1 refused, 3 not uploaded within 60 s and left for the next run',
    ]);
  });

  test('prints its warning before the line, and alone if the store could not be opened', () => {
    const warning = 's3://bucket: no answer\n  Look at it.';
    expect(lines([event({ event: 'miss' })], { warning })).toEqual([
      'pinpack store: warning: s3://bucket: no answer\n  Look at it.',
      'pinpack store: 0 of 1 from s3://bucket/prefix, 1 built',
    ]);
    const unopened: RunResult = { events: [], warning, deadline: 0, isFolder: false, tasks: [] };
    expect(formatSummary(unopened, false)).toEqual(['pinpack store: warning: s3://bucket: no answer\n  Look at it.']);
  });

  test("what a fault's warning lacks is what to do", () => {
    expect(lines([], { warning: 's3://bucket: ECONNREFUSED' })).toEqual([
      'pinpack store: warning: s3://bucket: ECONNREFUSED\n  The run continued without the store where it failed. Check the store: npx pinpack-store ls',
    ]);
  });

  test('is reported in each of its events when that is asked for', () => {
    const events = [event({ kind: 'rpm', key: 'a'.repeat(64), name: 'a.rpm', bytes: 1500, ms: 12, from: 'remote' })];
    expect(lines(events, {}, true)[0]).toBe('pinpack store: hit rpm a.rpm (aaaaaaaaaaaa), 1.5 kB, 12 ms, remote');
  });
});

describe('the summary of a CI job', () => {
  test('has the line first, and each event behind it', () => {
    const text = formatJobSummary({
      label: LABEL,
      flush,
      events: [event({ event: 'miss', key: '123', ms: 4 })],
      warning: 'a fault\n  Mend it.',
      deadline: 0,
      isFolder: false,
      tasks: [],
    });
    expect(text).toBe(
      [
        'pinpack store: 0 of 1 from s3://bucket/prefix, 1 built',
        'pinpack store: warning: a fault\n  Mend it.',
        '<details><summary>All events</summary>',
        '```text\npinpack store: miss nx 123, 4 ms\n```',
        '</details>\n\n',
      ].join('\n\n'),
    );
  });

  test('is empty if there is nothing to report', () => {
    expect(
      formatJobSummary({
        label: LABEL,
        flush,
        events: [],
        warning: undefined,
        deadline: 0,
        isFolder: false,
        tasks: [],
      }),
    ).toBe('');
  });
});
