// Runs one shard of a plan: each stage is one command of Nx, which also runs what the tasks depend on, or restores it from the store.
import { execa } from 'execa';
import type { Plan } from './plan-file.js';
import { nxProgram } from './read-tasks.js';

export interface ShardRun {
  root: string;
  plan: Plan;
  /** From 1. */
  shard: number;
  /** More arguments of nx. */
  args: readonly string[];
  log: (line: string) => void;
}

/** Later stages run after a failure too: not all of their tasks depend on the failed one. @returns the exit code of the first failed stage, or 0 */
export async function runShard({ root, plan, shard, args, log }: ShardRun): Promise<number> {
  const own = plan.shards.find((one) => one.shard === shard);
  if (own === undefined) {
    log(`nothing to do for shard ${shard}: the plan has ${plan.shards.length}`);
    return 0;
  }
  log(`shard ${shard} of ${plan.shards.length}: ${own.tasks} tasks, about ${own.seconds} s if nothing is in the store`);
  const nx = nxProgram(root);
  let code = 0;
  for (const { target, projects } of own.stages) {
    const command = ['run-many', `--targets=${target}`, `--projects=${projects.join(',')}`, ...args];
    const { exitCode, signal } = await runNx([nx, ...command], root);
    if (code === 0) code = signal === undefined ? (exitCode ?? 1) : INTERRUPTED;
    if (signal !== undefined || exitCode === INTERRUPTED) break;
  }
  return code;
}

/** The exit code of an interrupted program, as in shells. */
const INTERRUPTED = 130;

/** Waits for Nx also when interrupted: it keeps what is finished. A terminal interrupts Nx itself; CI systems end this process. */
async function runNx(command: readonly string[], root: string): Promise<{ exitCode?: number; signal?: string }> {
  const running = execa(process.execPath, command, {
    cwd: root,
    stdio: 'inherit',
    reject: false,
    env: { PINPACK_STORE_LEASES: 'on' },
  });
  const interrupt = (): void => undefined;
  const end = (): void => void running.kill('SIGTERM');
  process.on('SIGINT', interrupt).on('SIGTERM', end);
  try {
    return await running;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', end);
  }
}
