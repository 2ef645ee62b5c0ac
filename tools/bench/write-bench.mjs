// Writing the RPMs of numpy, pandas and scipy, side by side: every round runs everyone once, so that noise meets all alike.
import { pinpack, writeArchives, writeContestants } from './contestants.mjs';
import { runMeasured } from './measure.mjs';
import { setUp } from './setup.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';

const ALONE = 'pinpack, scipy only';

/** @param {number} rounds */
export async function runWriteBench(rounds) {
  const setup = await setUp();
  await writeArchives(setup);
  const scipy = setup.pins.filter(({ name }) => name === 'scipy');
  const contestants = [...writeContestants(setup), { name: ALONE, order: pinpack(setup, scipy) }];
  const measures = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    console.error(`bench: write, round ${round + 1} of ${rounds}`);
    for (const { name, order } of contestants) measures.get(name).push(await runMeasured(order));
  }
  const rows = contestants.map(({ name }) => ({ name, ...summarize(measures.get(name)) }));
  return { packages: setup.packages.map(({ name, version }) => `${name} ${version}`), rows, goals: goals(rows) };
}

/** Held against the faster way of running each of the others. */
function goals(rows) {
  const row = (name) => rows.find((candidate) => candidate.name === name);
  const wall = (name) => row(name).wall.median;
  const fastest = (name) => Math.min(wall(name), wall(`${name}, all at once`));
  return [
    goal('a third of the time of rpmbuild', wall('pinpack') / fastest('rpmbuild'), 1 / 3),
    goal('faster than nfpm', wall('pinpack') / fastest('nfpm'), 1),
    goal('1.3 times the compressor on one thread', wall('pinpack') / wall('zstd alone'), 1.3),
    goal('scipy in 300 MB of memory', row(ALONE).peakMb.median, 300),
  ];
}

/** @param {Awaited<ReturnType<typeof runWriteBench>>} results */
export function formatWriteTable({ rows }) {
  const pinpackWall = rows[0].wall.median;
  return formatTable(
    ['numpy, pandas, scipy; zstd 3', 'wall s', 'spread', 'to pinpack', 'CPU s', 'spread', 'peak MB'],
    rows.map(({ name, wall, cpu, peakMb }) => [
      name,
      ...formatSeconds(wall),
      name === ALONE ? '' : `${(wall.median / pinpackWall).toFixed(2)}×`,
      ...formatSeconds(cpu),
      peakMb.median.toFixed(0),
    ]),
  );
}
