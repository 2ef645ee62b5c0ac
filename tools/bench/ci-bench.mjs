// What a shared store saves of a CI run: `nx run-many -t rpm` of one reqset on a machine that has nothing, without a store, with an empty one on S3, and
// with one that another run has filled, by Nx's keys and, in a workspace with another nx.json, by the executors' own.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMeasured } from './measure.mjs';
import { loadStartS3 } from './s3-server.mjs';
import { FOLDER, ROOT } from './setup.mjs';
import { formatSeconds, formatTable, summarize } from './table.mjs';
import { copyWorkspace } from './workspace-copy.mjs';

const WORK = join(FOLDER, 'ci');
const COPY = join(WORK, 'workspace');
const REQSETS = ['webset', 'reqset3'];
const RUNS = ['no store', 'empty store', 'warm store', 'warm store, another nx.json'];

/** @param {number} rounds */
export async function runCiBench(rounds) {
  const startS3 = await loadStartS3();
  console.error('bench: copying the workspace to tmp/bench/ci');
  await copyWorkspace(COPY);
  const nxJson = readFileSync(join(COPY, 'nx.json'), 'utf8');
  const all = REQSETS.flatMap((reqset) => RUNS.map((run) => ({ reqset, run, measures: [] })));
  for (let round = 0; round < rounds; round++) {
    // A server for each round: the first run with a store finds it empty.
    const s3 = await startS3();
    const store = { ...s3.environment('writer'), PINPACK_STORE: s3.url('pinpack'), PINPACK_STORE_MODE: 'read-write' };
    try {
      for (const one of all) {
        const { reqset, run } = one;
        console.error(`bench: ci, ${reqset}, ${run}, round ${round + 1} of ${rounds}`);
        const changed = { ...JSON.parse(nxJson), defaultBase: 'another' };
        writeFileSync(join(COPY, 'nx.json'), run.endsWith('nx.json') ? JSON.stringify(changed) : nxJson);
        one.measures.push(await freshRun(reqset, run === 'no store' ? { PINPACK_STORE_MODE: 'off' } : store));
      }
    } finally {
      await s3.stop();
    }
  }
  const rows = all.map(({ reqset, run, measures }) => ({ reqset, run, ...summarize(measures) }));
  rmSync(WORK, { recursive: true, force: true });
  return { rows, goals: [] };
}

/** Nothing is there but the checkout: no dist/, no cache of Nx, no store of downloads. */
async function freshRun(reqset, environment) {
  const caches = { NX_CACHE_DIRECTORY: join(WORK, 'nx-cache'), XDG_CACHE_HOME: join(WORK, 'cache') };
  for (const folder of [join(COPY, 'dist'), join(COPY, '.nx'), ...Object.values(caches)]) {
    rmSync(folder, { recursive: true, force: true });
  }
  return runMeasured({
    folder: COPY,
    commands: [['node_modules/.bin/nx', 'run-many', '-t', 'rpm', '-p', `tag:reqset:${reqset}`]],
    environment: {
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      ...caches,
      PATH: `${join(ROOT, '.venv/bin')}:${process.env.PATH}`,
      ...environment,
    },
  });
}

/** @param {Awaited<ReturnType<typeof runCiBench>>} results */
export function formatCiTable({ rows }) {
  const without = (reqset) => rows.find((row) => row.reqset === reqset && row.run === 'no store').wall.median;
  return formatTable(
    ['nx run-many -t rpm, fresh', 'wall s', 'spread', 'CPU s', 'spread', 'wall saved'],
    rows.map(({ reqset, run, wall, cpu }) => [
      `${reqset}, ${run}`,
      ...formatSeconds(wall),
      ...formatSeconds(cpu),
      `${Math.round((1 - wall.median / without(reqset)) * 100)} %`,
    ]),
  );
}
