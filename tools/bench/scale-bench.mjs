// Benchmark `scale`: `nx show projects` in a workspace of 20 reqsets with 500 pins each, compared with a trivial plugin that has as many projects, targets
// and dependencies: the first time, when Nx also writes the graph, and again. Without the daemon, so that everything is computed.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachesIn, emptyCaches } from './caches.mjs';
import { FOLDER } from './files.mjs';
import { runNx } from './nx.mjs';
import { measureInRounds } from './rounds.mjs';
import { makeScaleWorkspace, makeTrivialWorkspace } from './scale-workspaces.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';

const WORK = join(FOLDER, 'scale');
const SIZE = { sets: 20, pins: 500 };
const LIMIT = 1.3;
const WORKSPACES = [
  { plugin: 'a trivial plugin', folder: join(WORK, 'trivial'), make: makeTrivialWorkspace },
  { plugin: 'pinpack', folder: join(WORK, 'pinpack'), make: makeScaleWorkspace },
];
/** In this order: the second of a plugin finds what the first has written. */
const CONTESTANTS = WORKSPACES.flatMap(({ plugin, folder }) => [
  { name: `${plugin}, first`, folder, isFirst: true },
  { name: `${plugin}, again`, folder, isFirst: false },
]);

/** @param {number} rounds */
export async function runScaleBench(rounds) {
  rmSync(WORK, { recursive: true, force: true });
  console.error(`bench: writing workspaces with ${SIZE.sets} reqsets of ${SIZE.pins} pins to tmp/bench/scale`);
  for (const { folder, make } of WORKSPACES) await make(folder, SIZE);
  const results = await measureInRounds({ bench: 'scale', rounds, contestants: CONTESTANTS }, showProjects);
  const rows = results.map(({ name, measures }) => ({ name, ...summarize(measures) }));
  const goals = ['first', 'again'].map((when) => {
    const [trivial, pinpack] = rows.filter(({ name }) => name.endsWith(when));
    return goal(`${when}: CPU s to those of a trivial plugin`, pinpack.cpu.median / trivial.cpu.median, LIMIT);
  });
  return { rows, goals };
}

async function showProjects({ folder, isFirst }) {
  const caches = join(folder, 'caches');
  const measure = await runNx(folder, ['show', 'projects'], isFirst ? emptyCaches(caches) : cachesIn(caches));
  const count = measure.output.split('\n').filter((line) => /^set\d+-wheel-/.test(line)).length;
  if (count !== SIZE.sets * SIZE.pins) throw new Error(`bench: found ${count} pins in ${folder}`);
  return measure;
}

/** @param {Awaited<ReturnType<typeof runScaleBench>>} results */
export function formatScaleTable({ rows }) {
  return formatTable(
    [`nx show projects, ${SIZE.sets} × ${SIZE.pins} pins`, 'CPU s', 'spread', 'wall s', 'spread', 'peak MB'],
    rows.map(({ name, cpu, wall, peakMb }) => [
      name,
      ...formatSeconds(cpu),
      ...formatSeconds(wall),
      peakMb.median.toFixed(0),
    ]),
  );
}
