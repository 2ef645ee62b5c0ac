// Benchmark `nx`: `nx run-many -t rpm` over all reqsets with every task in Nx's cache, dist/ in place or deleted.
// It runs in a copy of the working tree, with caches and a store that only it uses.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireColdRun, requireNxHits } from './cache-guard.mjs';
import { emptyCaches } from './caches.mjs';
import { FOLDER } from './files.mjs';
import { runNx } from './nx.mjs';
import { measureInRounds } from './rounds.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';
import { copyWorkspace } from './workspace-copy.mjs';

const WORK = join(FOLDER, 'nx');
const COPY = join(WORK, 'workspace');
const CPU_LIMIT = 5;
const CONTESTANTS = [
  { name: 'all hits', deletesOutputs: false },
  { name: 'all hits, dist/ deleted', deletesOutputs: true },
];

/** @param {number} rounds */
export async function runNxBench(rounds) {
  rmSync(WORK, { recursive: true, force: true });
  console.error('bench: copying the workspace to tmp/bench/nx');
  await copyWorkspace(COPY);
  const environment = {
    ...emptyCaches(join(WORK, 'caches')),
    PINPACK_STORE: pathToFileURL(join(WORK, 'store')).href,
    PINPACK_STORE_MODE: 'read-write',
  };
  const makeRpms = () => runNx(COPY, ['run-many', '-t', 'rpm'], environment);
  console.error('bench: filling the empty cache, which builds every RPM');
  requireColdRun('nx, filling the cache', await makeRpms(), { usesStore: true });
  const results = await measureInRounds({ bench: 'nx', rounds, contestants: CONTESTANTS }, async (contestant) => {
    if (contestant.deletesOutputs) rmSync(join(COPY, 'dist'), { recursive: true });
    const measure = await makeRpms();
    requireNxHits(`nx, ${contestant.name}`, measure);
    return measure;
  });
  const rows = results.map(({ name, measures }) => ({ name, ...summarize(measures) }));
  return {
    rows,
    goals: rows.map(({ name, cpu }) => goal(`${name}: at most ${CPU_LIMIT} s of CPU`, cpu.median, CPU_LIMIT)),
  };
}

/** @param {Awaited<ReturnType<typeof runNxBench>>} results */
export function formatNxTable({ rows }) {
  return formatTable(
    ['nx run-many -t rpm', 'CPU s', 'spread', 'wall s', 'spread'],
    rows.map(({ name, cpu, wall }) => [name, ...formatSeconds(cpu), ...formatSeconds(wall)]),
  );
}
