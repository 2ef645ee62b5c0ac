// Benchmark `ci`: what a shared store saves of a CI run. Runs `nx run-many -t rpm` of one reqset on a machine that has only the checkout: without a
// store, with an empty store on S3, with one that another run has filled, with that one after three pins have changed, and from a workspace with another
// nx.json, where Nx's keys differ and only the executors' keys match.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStoreUrl } from '@pinpack/build-store';
import { S3Backend } from '@pinpack/build-store/object-storage';
import { readLock } from '../../libs/pinpack-executors/dist/workspace/read-lock.js';
import { writeLock } from '../../libs/pinpack-executors/dist/workspace/write-lock.js';
import { requireColdRun, requireFewMisses, requireNxHits, requireStoreHits } from './cache-guard.mjs';
import { emptyCaches } from './caches.mjs';
import { FOLDER } from './files.mjs';
import { runNx } from './nx.mjs';
import { measureInRounds } from './rounds.mjs';
import { loadStartS3 } from './s3-server.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';
import { copyWorkspace } from './workspace-copy.mjs';

const WORK = join(FOLDER, 'ci');
const COPY = join(WORK, 'workspace');
const REQSETS = ['webset', 'reqset3'];
const NO_STORE = 'no store';
const EMPTY = 'empty store';
/** Pins that a pull request changes. Their application and the reqset itself, a task without work, depend on them. */
const CHANGED = 3;
const DEPENDENTS = 2;
/** In this order: the second run fills the store for the next ones. `limit`: of the processor time, as a share of that without a store. */
const RUNS = [
  { run: NO_STORE, check: requireColdRun },
  {
    run: EMPTY,
    limit: 1.15,
    usesStore: true,
    check: (name, measure) => requireColdRun(name, measure, { usesStore: true }),
  },
  {
    run: 'warm store',
    limit: 0.3,
    usesStore: true,
    check: (name, measure) => requireNxHits(name, measure, { from: 'remote' }),
  },
  {
    run: `warm store, ${CHANGED} pins changed`,
    usesStore: true,
    changesPins: true,
    check: (name, measure) => requireFewMisses(name, measure, { least: CHANGED, most: CHANGED + DEPENDENTS }),
  },
  { run: 'warm store, another nx.json', limit: 0.6, usesStore: true, hasOtherNxJson: true, check: requireStoreHits },
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
    RUNS.map(({ run }, position) => {
      const own = measures.map((round) => round[position]);
      return { reqset, run, ...summarize(own), stored: own[0].stored };
    }),
  );
  return { rows, goals: goalsOf(rows) };
}

/** Processor time counts all processes of the run, but not the S3 server. */
function goalsOf(rows) {
  return REQSETS.flatMap((reqset) => {
    const own = rows.filter((row) => row.reqset === reqset);
    const { cpu } = own.find(({ run }) => run === NO_STORE);
    const { stored } = own.find(({ run }) => run === EMPTY);
    return [
      ...RUNS.filter(({ limit }) => limit !== undefined).map(({ run, limit }) => {
        const found = own.find((row) => row.run === run).cpu.median / cpu.median;
        return goal(`${reqset}, ${run}: CPU s to those without a store`, found, limit);
      }),
      goal(`${reqset}: bytes in the store to those of the outputs`, stored, 1.05),
    ];
  });
}

/** Starts a server for each reqset and round: a reqset's first run with a store finds it empty, also of wheels that two reqsets share. */
async function measureReqset(reqset, nxJson, startS3) {
  const s3 = await startS3();
  try {
    const store = { ...s3.environment('writer'), PINPACK_STORE: s3.url('pinpack'), PINPACK_STORE_MODE: 'read-write' };
    const measures = [];
    for (const { run, usesStore = false, hasOtherNxJson = false, changesPins = false, check } of RUNS) {
      const name = `ci, ${reqset}, ${run}`;
      console.error(`bench: ${name}`);
      const other = { ...JSON.parse(nxJson), defaultBase: 'another' };
      writeFileSync(join(COPY, 'nx.json'), hasOtherNxJson ? JSON.stringify(other) : nxJson);
      const lock = readLock(COPY, reqset);
      if (changesPins) await writeLock(COPY, reqset, withChangedPins(lock));
      const measure = await freshRun(reqset, usesStore ? store : { PINPACK_STORE_MODE: 'off' });
      if (changesPins) await writeLock(COPY, reqset, lock);
      check(name, measure);
      const stored = run === EMPTY ? (await sizeOfStore(s3.url('pinpack'), store)) / sizeOfOutputs() : undefined;
      measures.push({ ...measure, stored });
    }
    return measures;
  } finally {
    await s3.stop();
  }
}

/** Raises the releases of pins, so that their RPMs must be packed again. */
function withChangedPins(lock) {
  const wheels = lock.packages.filter(({ source }) => source.kind === 'wheel');
  const changed = new Set(wheels.slice(0, CHANGED).map(({ name }) => name));
  const packages = lock.packages.map((pin) => (changed.has(pin.name) ? { ...pin, release: pin.release + 1 } : pin));
  return { ...lock, packages };
}

/** Of all objects, in bytes. */
async function sizeOfStore(url, environment) {
  let bytes = 0;
  for await (const { size } of new S3Backend(parseStoreUrl(url), { environment }).list('')) bytes += size;
  return bytes;
}

/** RPMs, built wheels, and the small files that Nx restores with them. */
function sizeOfOutputs() {
  const dist = join(COPY, 'dist');
  const files = readdirSync(dist, { recursive: true }).map((file) => statSync(join(dist, file)));
  return files.reduce((bytes, file) => bytes + (file.isFile() ? file.size : 0), 0);
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
