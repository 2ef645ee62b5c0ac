// Nx when there is nothing to build: `nx run-many -t rpm` over all reqsets with every task in Nx's cache, dist/ in place or deleted.
// Measured in a copy of the working tree with caches and a store of its own, without the daemon: so that all processor time counts.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runMeasured } from './measure.mjs';
import { FOLDER } from './setup.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';
import { copyWorkspace, nxEnvironment } from './workspace-copy.mjs';

const COPY = join(FOLDER, 'nx');
const CPU_LIMIT = 5;
const ALL_HITS = /read the output from the cache instead of running the command for (\d+) out of \1 tasks/;

/** @param {number} rounds */
export async function runNxBench(rounds) {
  console.error('bench: copying the workspace to tmp/bench/nx');
  await copyWorkspace(COPY);
  console.error('bench: filling the cache (the first time this builds every RPM)');
  await rpms();
  const all = { 'all hits': [], 'all hits, dist/ deleted': [] };
  for (let round = 0; round < rounds; round++) {
    console.error(`bench: nx, round ${round + 1} of ${rounds}`);
    all['all hits'].push(await hits());
    rmSync(join(COPY, 'dist'), { recursive: true });
    all['all hits, dist/ deleted'].push(await hits());
  }
  const rows = Object.entries(all).map(([name, measures]) => ({ name, ...summarize(measures) }));
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

function rpms() {
  return runMeasured({
    folder: COPY,
    commands: [['node_modules/.bin/nx', 'run-many', '-t', 'rpm']],
    environment: nxEnvironment(),
  });
}

async function hits() {
  const measure = await rpms();
  if (ALL_HITS.test(measure.output)) return measure;
  throw new Error(`bench: not every task was a hit\n${measure.output.split('\n').slice(-20).join('\n')}`);
}
