// Benchmark `ci`: what a shared store saves of a CI run. Runs `nx run-many -t rpm` in a team's workspace on a machine that has only the checkout: without
// a store, with an empty store on S3, with one that another run has filled, with that one after three pins have changed, and from a workspace with another
// nx.json, where Nx's keys differ and only the executors' keys match. Then on a machine that has everything, after one pin has changed. For comparison,
// Nx alone: as many tasks that copy the same outputs, without a cache server, and with one that stores and sends archives as they are.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStoreUrl } from '@pinpack/build-store';
import { S3Backend } from '@pinpack/build-store/object-storage';
import { readLock } from '../../libs/pinpack-executors/dist/workspace/read-lock.js';
import { writeLock } from '../../libs/pinpack-executors/dist/workspace/write-lock.js';
import { requireColdRun, requireFewMisses, requireNxHits, requireStoreHits } from './cache-guard.mjs';
import { cachesIn, emptyCaches } from './caches.mjs';
import { makeCopyingWorkspace, makeTeamWorkspace } from './ci-workspaces.mjs';
import { FOLDER } from './files.mjs';
import { runNx } from './nx.mjs';
import { measureInRounds } from './rounds.mjs';
import { loadStartS3 } from './s3-server.mjs';
import { startServer } from './store-bench.mjs';
import { formatSeconds, formatTable, goal, summarize } from './table.mjs';

const WORK = join(FOLDER, 'ci');
const TEAM = join(WORK, 'team');
const COPYING = join(WORK, 'copying');
const CACHES = join(WORK, 'caches');
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
    changedPins: [0, CHANGED],
    check: (name, measure) => requireFewMisses(name, measure, { least: CHANGED, most: CHANGED + DEPENDENTS }),
  },
  { run: 'warm store, another nx.json', limit: 0.6, usesStore: true, hasOtherNxJson: true, check: requireStoreHits },
  {
    run: 'on the machine of the last run, 1 pin changed',
    usesStore: true,
    changedPins: [CHANGED, CHANGED + 1],
    isSameMachine: true,
    hasOtherNxJson: true,
    check: (name, measure) => requireFewMisses(name, measure, { least: 1, most: 1 + DEPENDENTS }),
  },
];
/** Of tasks that only copy. */
const COPIES = [
  { run: 'Nx alone, no cache server' },
  { run: 'Nx alone, empty cache server', usesServer: true },
  {
    run: 'Nx alone, warm cache server',
    usesServer: true,
    check: (name, measure) => requireNxHits(name, measure, { from: 'remote' }),
  },
];

/** @param {number} rounds */
export async function runCiBench(rounds) {
  const startS3 = await loadStartS3();
  const contestants = REQSETS.map((reqset) => ({ name: reqset }));
  const results = await measureInRounds({ bench: 'ci', rounds, contestants }, async ({ name: reqset }) => [
    ...(await measureReqset(reqset, startS3)),
    ...(await measureCopies(reqset)),
  ]);
  rmSync(WORK, { recursive: true, force: true });
  const rows = results.flatMap(({ name: reqset, measures }) =>
    [...RUNS, ...COPIES].map(({ run }, position) => {
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
async function measureReqset(reqset, startS3) {
  makeTeamWorkspace(TEAM, reqset);
  const nxJson = readFileSync(join(TEAM, 'nx.json'), 'utf8');
  const s3 = await startS3();
  try {
    const store = { ...s3.environment('writer'), PINPACK_STORE: s3.url('pinpack'), PINPACK_STORE_MODE: 'read-write' };
    const measures = [];
    for (const plan of RUNS) {
      const name = `ci, ${reqset}, ${plan.run}`;
      console.error(`bench: ${name}`);
      const other = { ...JSON.parse(nxJson), defaultBase: 'another' };
      writeFileSync(join(TEAM, 'nx.json'), plan.hasOtherNxJson ? JSON.stringify(other) : nxJson);
      const lock = readLock(TEAM, reqset);
      if (plan.changedPins !== undefined) await writeLock(TEAM, reqset, withChangedPins(lock, plan.changedPins));
      if (!plan.isSameMachine) forget(TEAM);
      const environment = plan.usesStore ? store : { PINPACK_STORE_MODE: 'off' };
      const measure = await runRpm(TEAM, ['-p', `tag:reqset:${reqset}`], environment);
      if (plan.changedPins !== undefined) await writeLock(TEAM, reqset, lock);
      plan.check(name, measure);
      const stored = plan.run === EMPTY ? (await sizeOfStore(s3.url('pinpack'), store)) / sizeOfOutputs() : undefined;
      measures.push({ ...measure, stored });
    }
    return measures;
  } finally {
    await s3.stop();
  }
}

async function measureCopies(reqset) {
  makeCopyingWorkspace(COPYING, TEAM, reqset);
  const archives = join(WORK, 'archives');
  rmSync(archives, { recursive: true, force: true });
  mkdirSync(archives, { recursive: true });
  const { port, stop } = await startServer('plain', `file://${archives}`, {});
  try {
    const server = {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `http://127.0.0.1:${port}`,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'none',
    };
    const measures = [];
    for (const { run, usesServer = false, check = () => undefined } of COPIES) {
      const name = `ci, ${reqset}, ${run}`;
      console.error(`bench: ${name}`);
      forget(COPYING);
      const measure = await runRpm(COPYING, [], usesServer ? server : {});
      check(name, measure);
      measures.push(measure);
    }
    return measures;
  } finally {
    await stop();
  }
}

/** Raises the releases of pins, so that their RPMs must be packed again. */
function withChangedPins(lock, [from, to]) {
  const wheels = lock.packages.filter(({ source }) => source.kind === 'wheel');
  const changed = new Set(wheels.slice(from, to).map(({ name }) => name));
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
  const dist = join(TEAM, 'dist');
  const files = readdirSync(dist, { recursive: true }).map((file) => statSync(join(dist, file)));
  return files.reduce((bytes, file) => bytes + (file.isFile() ? file.size : 0), 0);
}

/** Leaves only the checkout: no dist/, no Nx cache, no downloads. */
function forget(workspace) {
  for (const folder of ['dist', '.nx']) rmSync(join(workspace, folder), { recursive: true, force: true });
  emptyCaches(CACHES);
}

function runRpm(workspace, selection, environment) {
  return runNx(workspace, ['run-many', '-t', 'rpm', ...selection], { ...cachesIn(CACHES), ...environment });
}

/** @param {Awaited<ReturnType<typeof runCiBench>>} results */
export function formatCiTable({ rows }) {
  const without = (reqset) => rows.find((row) => row.reqset === reqset && row.run === NO_STORE);
  return formatTable(
    ['nx run-many -t rpm', 'wall s', 'spread', 'CPU s', 'spread', 'CPU to no store'],
    rows.map(({ reqset, run, wall, cpu }) => [
      `${reqset}, ${run}`,
      ...formatSeconds(wall),
      ...formatSeconds(cpu),
      `${(cpu.median / without(reqset).cpu.median).toFixed(2)}×`,
    ]),
  );
}
