// Benchmark `shards`: 1, 2 and 4 machines of a pipeline build the RPMs of a reqset from source, by one plan and with leases in a store on S3 that is empty at
// first. Each machine is a workspace with caches and a HOME of its own. All run at the same time on this computer, each with the same quota of its processors.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { sha256Of } from '@pinpack/common/digest';
import { cachesIn } from './caches.mjs';
import { makeTeamWorkspace } from './ci-workspaces.mjs';
import { makeCpuQuota } from './cpu-quota.mjs';
import { FOLDER, ROOT } from './files.mjs';
import { runMeasured } from './measure.mjs';
import { measureInRounds } from './rounds.mjs';
import { loadStartS3 } from './s3-server.mjs';
import { formatSeconds, formatTable, summarize } from './table.mjs';

const WORK = join(FOLDER, 'shards');
const REQSET = 'sources';
const SHARDS = [1, 2, 4];
const PROCESSORS = availableParallelism() / Math.max(...SHARDS);
const PLAN = join(WORK, 'plan.json');
const CLI = join(ROOT, 'libs/pinpack-executors/bin/pinpack-ci.js');

/** @param {number} rounds */
export async function runShardsBench(rounds) {
  const startS3 = await loadStartS3();
  const contestants = SHARDS.map((shards) => ({ name: `${shards} shards`, shards }));
  const results = await measureInRounds({ bench: 'shards', rounds, contestants }, ({ shards }) =>
    measureShards(shards, startS3),
  );
  rmSync(WORK, { recursive: true, force: true });
  checkSameOutputs(results.flatMap(({ measures }) => measures));
  const rows = results.map(({ name, measures }) => ({ name, tasks: measures[0].tasks, ...summarize(measures) }));
  return { rows, goals: [] };
}

async function measureShards(shards, startS3) {
  rmSync(WORK, { recursive: true, force: true });
  const quotas = Array.from({ length: shards }, (_, at) =>
    makeCpuQuota({ name: `pinpack-bench-${at + 1}`, processors: PROCESSORS }),
  );
  const s3 = await startS3();
  try {
    const store = { ...s3.environment('writer'), PINPACK_STORE: s3.url('pinpack'), PINPACK_STORE_MODE: 'read-write' };
    const machines = Array.from({ length: shards }, (_, at) => makeMachine(`machine${at + 1}`, store));
    const plan = ['plan', '--shards', `${shards}`, '--out', PLAN, '--', 'run-many', '--targets=rpm'];
    await execa('env', [...machines[0].variables, process.execPath, CLI, ...plan]);
    const commands = machines.map(({ variables }, at) => {
      const run = ['run', '--shard', `${at + 1}`, '--plan', PLAN];
      return quotas[at].wrap(['env', ...variables, process.execPath, CLI, ...run]);
    });
    const measure = await runMeasured({ commands, atOnce: true, folder: WORK });
    const built = machines.flatMap(({ summary }) => builtTasks(summary));
    if (new Set(built).size !== built.length) throw new Error(`bench: built twice: ${built.sort().join(', ')}`);
    return { ...measure, tasks: built.length, outputs: digestsOf(machines.map(({ folder }) => folder)) };
  } finally {
    await s3.stop();
    for (const quota of quotas) quota.remove();
  }
}

/** A checkout with caches and a HOME of its own. `variables` are arguments of env(1). */
function makeMachine(name, store) {
  const folder = join(WORK, name);
  makeTeamWorkspace(folder, REQSET);
  for (const own of ['home', 'caches']) mkdirSync(join(WORK, `${name}.${own}`));
  const summary = join(WORK, `${name}.md`);
  const environment = {
    ...cachesIn(join(WORK, `${name}.caches`)),
    ...store,
    ...{ CI: 'true', NX_DAEMON: 'false', NX_TUI: 'false', HOME: join(WORK, `${name}.home`) },
    ...{
      GITHUB_STEP_SUMMARY: summary,
      PATH: `${join(ROOT, '.venv/bin')}:${process.env.PATH}`,
      PINPACK_STORE_RUN: null,
    },
  };
  const variables = Object.entries(environment).map(([key, value]) =>
    value === null ? `--unset=${key}` : `${key}=${value}`,
  );
  const isOption = (word) => word.startsWith('--unset=');
  return {
    folder,
    summary,
    variables: [`--chdir=${folder}`, ...variables.filter(isOption), ...variables.filter((word) => !isOption(word))],
  };
}

/** By the table in the summary of a CI job. */
function builtTasks(summary) {
  return [...readFileSync(summary, 'utf8').matchAll(/^\| (\S+) \| built \|/gm)].map(([, task]) => task);
}

/** The sha256 of each RPM by its name. @throws Error if machines have different ones */
function digestsOf(folders) {
  const digests = new Map();
  for (const folder of folders) {
    const rpms = join(folder, 'dist/rpms');
    for (const name of existsSync(rpms) ? readdirSync(rpms, { recursive: true }) : []) {
      if (name.endsWith('.rpm')) addDigest(digests, basename(name), sha256Of(readFileSync(join(rpms, name))));
    }
  }
  return digests;
}

function addDigest(digests, name, sha256) {
  if ((digests.get(name) ?? sha256) !== sha256) throw new Error(`bench: ${name} differs between machines`);
  digests.set(name, sha256);
}

function checkSameOutputs(measures) {
  const digests = new Map();
  for (const { outputs } of measures) for (const [name, sha256] of outputs) addDigest(digests, name, sha256);
  if (measures.some(({ outputs }) => outputs.size !== digests.size)) throw new Error('bench: RPMs are missing');
}

/** @param {Awaited<ReturnType<typeof runShardsBench>>} results */
export function formatShardsTable({ rows }) {
  return formatTable(
    [
      `pinpack-ci run, ${REQSET}; ${PROCESSORS} processors each`,
      'wall s',
      'spread',
      'CPU s',
      'spread',
      'speed-up',
      'tasks built',
    ],
    rows.map(({ name, wall, cpu, tasks }) => [
      name,
      ...formatSeconds(wall),
      ...formatSeconds(cpu),
      `${(rows[0].wall.median / wall.median).toFixed(2)}×`,
      `${tasks}`,
    ]),
  );
}
