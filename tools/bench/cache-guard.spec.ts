import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEMO, encodeWheel } from '../../libs/python-dist/src/wheel/wheel.fixture.js';
import { REQSET, wheelsOf, writeLock } from './bench-lock.mjs';
import { requireColdRun, requireFewMisses, requireNxHits, requireStoreHits } from './cache-guard.mjs';
import { emptyCaches } from './caches.mjs';
import { pinpack } from './contestants.mjs';
import { parseJobSummary } from './journal.mjs';
import { runCold, runMeasured } from './measure.mjs';

const NX_SUMMARY = 'Nx read the output from the cache instead of running the command for';
const none = { output: '', events: [] };
const lookup = (event: 'hit' | 'miss', key: string, from?: 'local' | 'remote') => ({
  event,
  kind: 'rpm' as const,
  key: key.repeat(64),
  name: event === 'hit' ? `${key}.rpm` : '',
  ...(from && { from }),
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-spec-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** The process that the benchmark `write` measures, packing one small wheel with caches of its own. */
function packing() {
  const workspace = temporaryFolder();
  mkdirSync(join(workspace, wheelsOf(REQSET)), { recursive: true });
  writeFileSync(join(workspace, wheelsOf(REQSET), DEMO), encodeWheel());
  const caches = emptyCaches(join(workspace, 'caches'));
  const request = pinpack({ workspace, pins: writeLock(workspace) }, { usesStore: true });
  const environment = { ...request.environment, ...caches };
  return { ...request, environment };
}

describe('a run of pinpack', () => {
  it('is cold with an empty store, and fails the guard when the store has the RPM', async () => {
    const request = packing();
    const cold = await runCold('pinpack', request, { usesStore: true });
    expect(cold.events.map(({ event, kind }) => `${event} ${kind}`)).toContain('miss rpm');
    await expect(runCold('pinpack', request, { usesStore: true })).rejects.toMatchObject({
      code: 'BENCH_CACHE_HIT',
      message: expect.stringMatching(
        /pinpack: a cold run took results from a cache[^]*Found 1, expected 0:\n {4}store: hit rpm bench-wheel-demo-1\.0\.0-1\.noarch\.rpm, local/,
      ) as string,
    });
    emptyCaches(join(request.folder, 'caches'));
    await runCold('pinpack', request, { usesStore: true });
  });

  it('asks no store with PINPACK_STORE_MODE=off, however full it is', async () => {
    const request = packing();
    await runMeasured(request);
    const environment = { ...request.environment, PINPACK_STORE_MODE: 'off' };
    const { events } = await runCold('pinpack', { ...request, environment });
    expect(events).toEqual([]);
    await expect(runCold('pinpack', { ...request, environment }, { usesStore: true })).rejects.toMatchObject({
      code: 'BENCH_JOURNAL_EMPTY',
    });
  });
});

describe('requireColdRun', () => {
  it.each([
    '✔  nx run reqset3-wheel-numpy:rpm  [local cache]',
    '✔  nx run reqset3-wheel-numpy:rpm  [remote cache]',
    '✔  nx run reqset3-wheel-numpy:rpm  [existing outputs match the cache, left as is]',
    `${NX_SUMMARY} 1 out of 7 tasks.`,
    'reqset3-wheel-numpy: dist/rpms/reqset3/numpy.rpm, 16.9 MB, from the store',
    'Package numpy-1.0-1.noarch is already installed.',
  ])('fails on the output "%s"', (line) => {
    expect(() => {
      requireColdRun('nx', { output: `first\n${line}\nlast`, events: [] });
    }).toThrow(expect.objectContaining({ code: 'BENCH_CACHE_HIT' }) as Error);
  });

  it('accepts a hit on what the run itself added, also in its output', () => {
    const events = [lookup('miss', 'a'), lookup('hit', 'a', 'local')];
    requireColdRun('ci', { output: 'numpy: from the store, 16.9 MB', events });
    expect(() => {
      requireColdRun('ci', { ...none, events: [...events, lookup('hit', 'b', 'remote')] });
    }).toThrow('store: hit rpm b.rpm, remote');
  });
});

describe('requireNxHits', () => {
  it('accepts hits of every task only', () => {
    requireNxHits('nx', { output: `${NX_SUMMARY} 7 out of 7 tasks.`, events: [] });
    for (const output of [`${NX_SUMMARY} 6 out of 7 tasks.`, 'Successfully ran target rpm for 7 projects']) {
      expect(() => {
        requireNxHits('nx', { output, events: [] });
      }).toThrow(expect.objectContaining({ code: 'BENCH_CACHE_MISS' }) as Error);
    }
  });

  it('distinguishes the remote cache from the local one', () => {
    const output = `a:rpm  [local cache]\n${NX_SUMMARY} 1 out of 1 tasks.`;
    requireNxHits('nx', { output, events: [] });
    expect(() => {
      requireNxHits('ci', { output, events: [] }, { from: 'remote' });
    }).toThrow('Found hits of the local cache, expected every task from remote cache');
  });
});

describe('requireFewMisses', () => {
  it('limits the number of tasks that ran', () => {
    const run = { output: `${NX_SUMMARY} 80 out of 84 tasks.`, events: [] };
    requireFewMisses('ci', run, { least: 3, most: 5 });
    for (const [evidence, limits] of [
      [run, { least: 5, most: 6 }],
      [run, { least: 1, most: 3 }],
      [none, { least: 0, most: 3 }],
    ] as const) {
      expect(() => {
        requireFewMisses('ci', { ...evidence, events: [] }, limits);
      }).toThrow(expect.objectContaining({ code: 'BENCH_CACHE_MISS' }) as Error);
    }
  });
});

describe('requireStoreHits', () => {
  const events = [lookup('hit', 'a', 'remote'), lookup('hit', 'b', 'local')];

  it('counts hits and checks where they are from', () => {
    requireStoreHits('store', { output: '', events }, { least: 2 });
    for (const [hits, options] of [
      [events, { from: 'remote' as const }],
      [events, { least: 3 }],
      [[lookup('miss', 'a')], {}],
    ] as const) {
      expect(() => {
        requireStoreHits('store', { output: '', events: [...hits] }, options);
      }).toThrow(expect.objectContaining({ code: 'BENCH_CACHE_MISS' }) as Error);
    }
  });
});

describe('parseJobSummary', () => {
  it('reads the events of a session', () => {
    const lines = [
      'pinpack store: 1 of 2 from s3://bucket/prefix (16.9 MB in 0.4 s), 1 built',
      `pinpack store: hit rpm numpy-2.4.6-1.x86_64.rpm (${'a'.repeat(12)}), 16.9 MB, 12 ms, remote`,
      `pinpack store: miss nx ${'b'.repeat(64)}, 3 ms`,
    ];
    expect(parseJobSummary(lines.join('\n'))).toEqual([
      { event: 'hit', kind: 'rpm', key: 'a'.repeat(12), name: 'numpy-2.4.6-1.x86_64.rpm', from: 'remote' },
      { event: 'miss', kind: 'nx', key: 'b'.repeat(64), name: '', from: undefined },
    ]);
  });
});
