// The command pinpack-ci: splits the tasks of a pipeline among its machines, and runs the part of one machine. There is no scheduler: the machines meet in
// the store.
import { appendFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import { formatTable } from '@pinpack/common/format-table';
import { openRunReports, type Durations } from '@pinpack/build-store';
import { readIfThere } from '../workspace/files.js';
import { pluginOptions } from '../workspace/plugin-options.js';
import { readPlan, writePlan, type Plan } from './plan-file.js';
import { planShards } from './plan-shards.js';
import { planTasks, readTasks } from './read-tasks.js';
import { runShard } from './run-shard.js';

const HELP = `pinpack-ci plan --shards N [--seconds-per-shard S] [--out FILE] -- NX-COMMAND
pinpack-ci run --shard I [--plan FILE] [-- MORE-NX-ARGUMENTS]

plan  splits the tasks of a command of Nx into N parts at most, by their past durations in the store and by dependency, and
      writes the plan. Example: pinpack-ci plan --shards 4 -- affected -t rpm
run   runs one part. What several parts need, one of them makes, and the others get it from the store

  --shards N             at most so many parts
  --seconds-per-shard S  fewer parts, if each would have less work than this (default: 60)
  --out, --plan FILE     of the plan (default: pinpack-plan.json)
  --shard I              the part to run, from 1

plan appends "shards=[1,2,…]" to the file in GITHUB_OUTPUT, for the matrix of a workflow.
Exit codes: 0 done, 1 a task or Nx failed, 2 invalid usage.
`;

export interface Terminal {
  out: (text: string) => void;
  error: (text: string) => void;
  environment: Record<string, string | undefined>;
  /** Of the workspace. */
  root: string;
}

class UsageError extends Error {}

const OPTIONS = {
  shards: { type: 'string' },
  'seconds-per-shard': { type: 'string', default: '60' },
  out: { type: 'string', default: 'pinpack-plan.json' },
  plan: { type: 'string', default: 'pinpack-plan.json' },
  shard: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns the exit code */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const separator = args.indexOf('--');
    const own = separator === -1 ? args : args.slice(0, separator);
    const nx = separator === -1 ? [] : args.slice(separator + 1);
    const { values, command } = readArguments(own);
    if (values.help) {
      terminal.out(HELP);
      return 0;
    }
    if (command === 'plan') return await plan(values, nx, terminal);
    if (command === 'run') return await run(values, nx, terminal);
    throw new UsageError(`expected plan or run${command === undefined ? '' : `, found "${command}"`}`);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.error(`pinpack-ci: ${error.message}\n  See: pinpack-ci --help\n`);
      return 2;
    }
    if (!(error instanceof CodedError)) throw error;
    terminal.error(`${messageWithCode(error as CodedError)}\n`);
    return 1;
  }
}

type Values = ReturnType<typeof readArguments>['values'];

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (positionals.length > 1)
      throw new UsageError(`"${positionals[1] ?? ''}" is unexpected: put "--" before the arguments of nx`);
    return { values, command: positionals[0] };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

async function plan(values: Values, nx: readonly string[], terminal: Terminal): Promise<number> {
  const { root, environment } = terminal;
  const shards = numberOf('shards', values.shards, 1);
  const secondsPerShard = numberOf('seconds-per-shard', values['seconds-per-shard'], 0);
  const targets = targetsOf(nx);
  if (targets.length === 0) throw new UsageError('expected a command of Nx with targets: -- affected -t rpm');
  const graph = await readTasks(root, nx);
  const durations = await readDurations(terminal);
  const tasks = planTasks(graph, targets, durations);
  const found: Plan = {
    version: 1,
    command: nx.join(' '),
    shards: planShards(tasks, { shards, secondsPerShard }),
  };
  await writePlan(resolve(root, values.out), found);
  terminal.out(describePlan(found, tasks.filter(({ id }) => durations.has(id)).length, tasks.length));
  const { GITHUB_OUTPUT: output = '' } = environment;
  if (output !== '') await appendFile(output, `shards=${JSON.stringify(found.shards.map(({ shard }) => shard))}\n`);
  return 0;
}

function describePlan({ command, shards }: Plan, known: number, all: number): string {
  if (shards.length === 0) return `pinpack-ci: nothing to do for nx ${command}\n`;
  const rows = shards.map(({ shard, tasks, seconds }) => [`shard ${shard}`, `${tasks} tasks`, `about ${seconds} s`]);
  return `pinpack-ci: nx ${command}, with past durations of ${known} of ${all} tasks\n${formatTable(undefined, rows).join('\n')}\n`;
}

async function run(values: Values, args: readonly string[], { root, out }: Terminal): Promise<number> {
  const shard = numberOf('shard', values.shard, 1);
  const plan = await readPlan(resolve(root, values.plan));
  return runShard({
    root,
    plan,
    shard,
    args,
    log: (line) => {
      out(`pinpack-ci: ${line}\n`);
    },
  });
}

/** Without them, the plan is less even. */
async function readDurations({ root, environment, error }: Terminal): Promise<Durations> {
  try {
    const { store } = pluginOptions(JSON.parse(readIfThere(join(root, 'nx.json')) ?? '{}') as object);
    const reports = await openRunReports({ url: store, environment });
    return (
      (await reports?.durations(new Date(), { signal: AbortSignal.timeout(DURATIONS_MS) })) ?? new Map<string, number>()
    );
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    error(`pinpack-ci: planned without past durations: ${cause.message}\n`);
    return new Map();
  }
}

const DURATIONS_MS = 15_000;

function numberOf(option: string, text: string | undefined, least: number): number {
  const number = Number(text);
  if (text !== undefined && /^\d+$/.test(text) && number >= least) return number;
  throw new UsageError(
    `--${option} is ${text === undefined ? 'missing' : `"${text}"`}, expected a number from ${least}`,
  );
}

/** The targets in the arguments of Nx: `-t a b`, `--targets=a,b`, `--target a`. */
export function targetsOf(args: readonly string[]): string[] {
  const targets: string[] = [];
  let isTarget = false;
  for (const word of args) {
    const [, , value] = /^(-t|--targets?)(?:=(.*))?$/.exec(word) ?? [];
    if (word.startsWith('-')) isTarget = /^(?:-t|--targets?)$/.test(word);
    const names = value ?? (isTarget && !word.startsWith('-') ? word : '');
    targets.push(...names.split(',').filter((name) => name !== ''));
  }
  return targets;
}
