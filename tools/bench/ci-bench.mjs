// Benchmark `ci`: what a shared store saves of a CI run. Runs `nx run-many -t rpm` of one reqset on a machine that has only the checkout: without a
// store, with an empty store on S3, with one that another run has filled, and with that one from a workspace with another nx.json, where Nx's
// keys differ and only the executors' keys match.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireColdRun, requireNxHits, requireStoreHits } from './cache-guard.mjs';
import { emptyCaches } from './caches.mjs';
import { FOLDER } from './files.mjs';
import { runNx } from './nx.mjs';
import { measureInRounds } from './rounds.mjs';
import { loadStartS3 } from './s3-server.mjs';
import { formatSeconds, formatTable, summarize } from './table.mjs';
import { copyWorkspace } from './workspace-copy.mjs';

const WORK = join(FOLDER, 'ci');
const COPY = join(WORK, 'workspace');
const REQSETS = ['webset', 'reqset3'];
const NO_STORE = 'no store';
/** In this order: the second run fills the store for the next two. */
const RUNS = [
  { run: NO_STORE, check: requireColdRun },
  { run: 'empty store', usesStore: true, check: (name, measure) => requireColdRun(name, measure, { usesStore: true }) },
  { run: 'warm store', usesStore: true, check: (name, measure) => requireNxHits(name, measure, { from: 'remote' }) },
  { run: 'warm store, another nx.json', usesStore: true, hasOtherNxJson: true, check: requireStoreHits },
];

/** @param {number} rounds */
export async function runCiBench(rounds) {
  const startS3 = await loadStartS3();
  console.error('bench: copying the workspace to tmp/bench/ci');
  await copyWorkspace(COPY);
  const nxJson = readFileSync(join(COPY, 'nx.json'), 'utf8');
  const contestants = REQSETS.map((reqset) => ({ name: reqset }));
  const results = await measureInRounds({ bench: 'ci', rounds, contestants }, ({ name: reqset }) =>
    measureReqset(reqset, nxJson, startS3),
  );
  rmSync(WORK, { recursive: true, force: true });
  const rows = results.flatMap(({ name: reqset, measures }) =>
    RUNS.map(({ run }, position) => ({ reqset, run, ...summarize(measures.map((round) => round[position])) })),
  );
  return { rows, goals: [] };
}

/** Starts a server for each reqset and round: a reqset's first run with a store finds it empty, also of wheels that two reqsets share. */
async function measureReqset(reqset, nxJson, startS3) {
  const s3 = await startS3();
  try {
    const store = { ...s3.environment('writer'), PINPACK_STORE: s3.url('pinpack'), PINPACK_STORE_MODE: 'read-write' };
    const measures = [];
    for (const { run, usesStore = false, hasOtherNxJson = false, check } of RUNS) {
      const name = `ci, ${reqset}, ${run}`;
      console.error(`bench: ${name}`);
      const other = { ...JSON.parse(nxJson), defaultBase: 'another' };
      writeFileSync(join(COPY, 'nx.json'), hasOtherNxJson ? JSON.stringify(other) : nxJson);
      const measure = await freshRun(reqset, usesStore ? store : { PINPACK_STORE_MODE: 'off' });
      check(name, measure);
      measures.push(measure);
    }
    return measures;
  } finally {
    await s3.stop();
  }
}

/** Only the checkout exists: no dist/, no Nx cache, no downloads. */
function freshRun(reqset, environment) {
  for (const folder of ['dist', '.nx']) rmSync(join(COPY, folder), { recursive: true, force: true });
  const caches = emptyCaches(join(WORK, 'caches'));
  return runNx(COPY, ['run-many', '-t', 'rpm', '-p', `tag:reqset:${reqset}`], { ...caches, ...environment });
}

/** @param {Awaited<ReturnType<typeof runCiBench>>} results */
export function formatCiTable({ rows }) {
  const without = (reqset) => rows.find((row) => row.reqset === reqset && row.run === NO_STORE).wall.median;
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
