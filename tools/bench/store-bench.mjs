// Benchmark `store`: the store behind Nx's protocol, compared with a plain Node server on the same folder and the same S3 server: GET and PUT of
// 1 MB and 100 MB, 1, 8 and 32 at once, each in a fresh process of the server and with new keys.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { requireColdRun, requireStoreHits } from './cache-guard.mjs';
import { emptyCaches } from './caches.mjs';
import { FOLDER, here } from './files.mjs';
import { loadStartS3 } from './s3-server.mjs';
import { newKeys, runLoad } from './store-load.mjs';
import { formatTable, goal, summary } from './table.mjs';

const SERVER = here('store-server.mjs');
const KINDS = /** @type {const} */ (['plain', 'pinpack']);
const MB = 1e6;
/** The cells of the table: `count` requests of `size` bytes, `atOnce` of them concurrently. */
const CELLS = [
  { size: MB, atOnce: 1, count: 100 },
  { size: MB, atOnce: 8, count: 200 },
  { size: MB, atOnce: 32, count: 400 },
  { size: 100 * MB, atOnce: 1, count: 4 },
  { size: 100 * MB, atOnce: 8, count: 16 },
  { size: 100 * MB, atOnce: 32, count: 32 },
];
const GOALS = { GET: { folder: [1, 1], s3: [1, 2] }, PUT: { folder: [1, 1], s3: [1, 1] } };
const MEMORY_LIMIT_MB = 160;
const CLOCK_TICKS = 100;

/** @param {number} rounds */
export async function runStoreBench(rounds) {
  const startS3 = await loadStartS3();
  const rows = [];
  for (let round = 0; round < rounds; round++) {
    for (const place of ['folder', 's3']) {
      const work = join(FOLDER, 'store');
      rmSync(work, { recursive: true, force: true });
      const s3 = place === 's3' ? await startS3() : undefined;
      try {
        for (const cell of CELLS) {
          console.error(
            `bench: ${place}, ${cell.size / MB} MB, ${cell.atOnce} at once, round ${round + 1} of ${rounds}`,
          );
          for (const kind of KINDS) await runCell(rows, { ...cell, place, kind, work, s3 });
        }
      } finally {
        await s3?.stop();
        rmSync(work, { recursive: true, force: true });
      }
    }
  }
  const results = collectRows(rows);
  return { rows: results, goals: results.flatMap(goalsOf) };
}

async function runCell(rows, { place, kind, size, atOnce, count, work, s3 }) {
  const url = s3 === undefined ? `file://${work}/folder` : s3.url('pinpack');
  rmSync(join(work, 'folder'), { recursive: true, force: true });
  mkdirSync(join(work, 'folder'), { recursive: true });
  const environment = {
    ...withoutNull({ ...process.env, ...emptyCaches(join(work, 'caches')) }),
    ...s3?.environment('writer'),
  };
  const keys = newKeys(count);
  for (const method of /** @type {const} */ (['PUT', 'GET'])) {
    const server = await startServer(kind, url, environment);
    try {
      const before = cpuOf(server.pid);
      const answered = await runLoad({ port: server.port, method, keys, size, atOnce });
      const { seconds: flushed, events } = await flush(server.port);
      if (kind === 'pinpack') checkHits({ method, place, count, events });
      const cpu = ((cpuOf(server.pid) - before) / count) * 1000;
      const seconds = answered + (method === 'PUT' ? flushed : 0);
      const all = (count * size) / MB;
      const row = { throughput: all / seconds, answered: all / answered, cpu, memory: peakMb(server.pid) };
      const shown = Object.entries(row).map(([key, value]) => `${key} ${value.toFixed(1)}`);
      console.error(`bench:   ${method} ${kind}: ${shown.join(', ')}`);
      rows.push({ method, place, size, atOnce, kind, ...row });
    } finally {
      await server.stop();
    }
  }
}

/** Every GET must read the store that it names: S3, and not the local folder in front of it. */
function checkHits({ method, place, count, events }) {
  const name = `store, ${method} ${place}`;
  if (method === 'PUT') requireColdRun(name, { output: '', events });
  else requireStoreHits(name, { output: '', events }, { least: count, from: place === 's3' ? 'remote' : 'local' });
}

function withoutNull(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== null));
}

/** @returns the port and process ID of the server, and what ends it */
export async function startServer(kind, url, environment) {
  const child = spawn(process.execPath, [SERVER, kind, url, '0'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])]);
  const port = Number(/^listening (\d+)$/.exec(line)?.[1]);
  if (Number.isNaN(port)) throw new Error(`bench: the server ${kind} did not start`);
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { port, pid: child.pid, stop };
}

/** Waits until everything that was put is stored. @returns seconds, and the store's events so far */
async function flush(port) {
  const started = performance.now();
  const report = await (await fetch(`http://127.0.0.1:${port}/flush`)).json();
  if ((report.left ?? 0) > 0 || (report.refused ?? 0) > 0)
    throw new Error(`bench: not everything was stored: ${JSON.stringify({ ...report, events: undefined })}`);
  return { seconds: (performance.now() - started) / 1000, events: report.events };
}

/** Seconds of processor time that the process has used so far. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function peakMb(pid) {
  return (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024) / 1e6;
}

function collectRows(all) {
  const nameOf = ({ method, place, size, atOnce }) => `${method} ${place} ${size} ${atOnce}`;
  return [...new Set(all.map(nameOf))].map((name) => {
    const group = all.filter((one) => nameOf(one) === name);
    const { method, place, size, atOnce } = group[0];
    const of = (kind, key) => summary(group.filter((one) => one.kind === kind).map((one) => one[key]));
    const sides = Object.fromEntries(
      KINDS.map((kind) => [
        kind,
        Object.fromEntries(['throughput', 'answered', 'cpu', 'memory'].map((key) => [key, of(kind, key)])),
      ]),
    );
    return { method, place, size, atOnce, ...sides };
  });
}

function goalsOf({ method, place, size, atOnce, plain, pinpack }) {
  const name = `${method} ${place} ${size / MB} MB × ${atOnce}`;
  const [small, large] = GOALS[method][place];
  const factor = size === MB ? small : large;
  const found = plain.throughput.median / pinpack.throughput.median;
  const goals = [goal(`${name}: time within ${(1 / factor).toFixed(1)} times the plain server's`, found, 1 / factor)];
  if (size > MB && atOnce === 32) goals.push(goal(`${name}: MB of memory`, pinpack.memory.most, MEMORY_LIMIT_MB));
  return goals;
}

/** @param {Awaited<ReturnType<typeof runStoreBench>>} results */
export function formatStoreTable({ rows }) {
  const sides = (row, format) => KINDS.map((kind) => format(row[kind]));
  return formatTable(
    [
      '',
      'plain MB/s',
      'pinpack MB/s',
      'ratio',
      'spread of pinpack',
      'plain CPU ms',
      'pinpack CPU ms',
      'plain peak MB',
      'pinpack peak MB',
    ],
    rows.map((row) => [
      `${row.method} ${row.place}, ${row.size / MB} MB × ${row.atOnce}`,
      ...sides(row, ({ throughput }) => throughput.median.toFixed(0)),
      (row.pinpack.throughput.median / row.plain.throughput.median).toFixed(2),
      `${row.pinpack.throughput.least.toFixed(0)}–${row.pinpack.throughput.most.toFixed(0)}`,
      ...sides(row, ({ cpu }) => cpu.median.toFixed(1)),
      ...sides(row, ({ memory }) => memory.most.toFixed(0)),
    ]),
  );
}
