// Benchmark `write`: writing the RPMs of numpy, pandas and scipy. Every contestant starts with empty caches and no outputs.
import { compressionContestants, pinpack, runFromNothing, writeArchives, writeContestants } from './contestants.mjs';
import { measureInRounds } from './rounds.mjs';
import { setUp } from './setup.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';

const SCIPY = 'pinpack, scipy only';

/** @param {number} rounds */
export async function runWriteBench(rounds) {
  const setup = await setUp();
  await writeArchives(setup);
  const scipy = setup.pins.filter(({ name }) => name === 'scipy');
  const contestants = [
    ...writeContestants(setup),
    { name: SCIPY, request: pinpack(setup, { pins: scipy }) },
    ...compressionContestants(setup),
  ];
  const results = await measureInRounds({ bench: 'write', rounds, contestants }, (contestant) =>
    runFromNothing(setup, contestant),
  );
  const rows = results.map(({ name, measures }) => ({ name, ...summarize(measures) }));
  return { packages: setup.packages.map(({ name, version }) => `${name} ${version}`), rows, goals: goals(rows) };
}

/** pinpack is compared with the faster way of running each of the others. */
function goals(rows) {
  const row = (name) => rows.find((candidate) => candidate.name === name);
  const wall = (name) => row(name).wall.median;
  const cpu = (name) => row(name).cpu.median;
  const fastest = (name) => Math.min(wall(name), wall(`${name}, all at once`));
  const ratio = (measure, ours, theirs) => measure(ours) / measure(theirs);
  return [
    goal('a third of the time of rpmbuild', wall('pinpack') / fastest('rpmbuild'), 1 / 3),
    goal('as fast as nfpm', wall('pinpack') / fastest('nfpm'), 1),
    goal('1.25 times the processor time of nfpm', cpu('pinpack') / cpu('nfpm, all at once'), 1.25),
    goal('1.3 times the floor', wall('pinpack') / fastest('floor'), 1.3),
    goal('1.3 times the processor time of the floor', cpu('pinpack') / cpu('floor'), 1.3),
    goal('gzip: as fast as nfpm', ratio(wall, 'pinpack, numpy, gzip 9', 'nfpm, numpy, gzip 9'), 1),
    goal('xz: as fast as nfpm', ratio(wall, 'pinpack, numpy, xz 2', 'nfpm, numpy, xz'), 1),
    goal('scipy in 200 MB of memory', row(SCIPY).peakMb.median, 200),
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
      name.includes('scipy') || name.includes('numpy') ? '' : `${(wall.median / pinpackWall).toFixed(2)}×`,
      ...formatSeconds(cpu),
      peakMb.median.toFixed(0),
    ]),
  );
}
