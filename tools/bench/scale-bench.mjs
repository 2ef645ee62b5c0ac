// Benchmark `scale`: `nx show projects` in a workspace of 20 reqsets with 500 pins each, compared with a trivial plugin that has as many projects, targets
// and dependencies. Without the daemon and with empty caches, so that everything is computed.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { emptyCaches } from './caches.mjs';
import { FOLDER } from './files.mjs';
import { runNx } from './nx.mjs';
import { measureInRounds } from './rounds.mjs';
import { makeScaleWorkspace, makeTrivialWorkspace } from './scale-workspaces.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';

const WORK = join(FOLDER, 'scale');
const SIZE = { sets: 20, pins: 500 };
const LIMIT = 1.3;
const CONTESTANTS = [
  { name: 'a trivial plugin', folder: join(WORK, 'trivial'), make: makeTrivialWorkspace },
  { name: 'pinpack', folder: join(WORK, 'pinpack'), make: makeScaleWorkspace },
];

/** @param {number} rounds */
export async function runScaleBench(rounds) {
  rmSync(WORK, { recursive: true, force: true });
  console.error(`bench: writing workspaces with ${SIZE.sets} reqsets of ${SIZE.pins} pins to tmp/bench/scale`);
  for (const { folder, make } of CONTESTANTS) await make(folder, SIZE);
  const results = await measureInRounds({ bench: 'scale', rounds, contestants: CONTESTANTS }, async ({ folder }) => {
    rmSync(join(folder, '.nx'), { recursive: true, force: true });
    const measure = await runNx(folder, ['show', 'projects'], emptyCaches(join(WORK, 'caches')));
    const count = measure.output.split('\n').filter((line) => /^set\d+-wheel-/.test(line)).length;
    if (count !== SIZE.sets * SIZE.pins) throw new Error(`bench: found ${count} pins in ${folder}`);
    return measure;
  });
  const rows = results.map(({ name, measures }) => ({ name, ...summarize(measures) }));
  const [trivial, pinpack] = rows;
  return {
    rows,
    goals: [
      goal('nx show projects: CPU s to those of a trivial plugin', pinpack.cpu.median / trivial.cpu.median, LIMIT),
    ],
  };
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
