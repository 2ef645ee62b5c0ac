// Runs a call of a build under its limits: wall time, memory, processes, disk space and output. The kernel limits each process (setrlimit(2)); a timer
// measures all of them together. Killing bubblewrap ends every process of the build with it.
import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { toBytes, type BuildLimits } from './build-policy.js';
import { measureTree } from './process-tree.js';
import type { PlannedCall } from './sandbox.js';
import { commonOptions, type StartOptions } from './start-call.js';

/** A limit that a build reached, and what was measured. */
export interface Exceeded {
  limit: keyof BuildLimits;
  found: string;
}

export interface LimitedResult {
  failed: boolean;
  output: string;
  exceeded?: Exceeded;
}

export interface LimitedCall extends Omit<StartOptions, 'timeout'> {
  limits: BuildLimits;
  /** The folders that the build writes to. */
  written: readonly string[];
  isSandboxed: boolean;
}

const MEASURE_MS = 200;
/** Walking a large tree must not slow the build down. */
const REST_FACTOR = 5;
/** Below this, the disk is as good as full. Files that were deleted while they are open appear only here. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;
/** An empty file costs an inode. */
const MIN_FILE_BYTES = 4096;
const MS_PER_MINUTE = 60_000;

/** It does not reject. */
export async function runLimited(
  { program, words }: PlannedCall,
  { limits, written, isSandboxed, ...options }: LimitedCall,
): Promise<LimitedResult> {
  const { execa } = await import('execa');
  const running = execa(program, words, {
    ...options,
    ...commonOptions(isSandboxed),
    all: true,
    reject: false,
    timeout: limits.timeMinutes * MS_PER_MINUTE,
    maxBuffer: toBytes(limits.logMiB),
  });
  let exceeded: Exceeded | undefined;
  const stop = (found: Exceeded): void => {
    exceeded ??= found;
    killAll(running.pid, isSandboxed);
  };
  const watch = new Watch(running.pid ?? 0, limits, written, stop);
  const { failed, all, timedOut, isMaxBuffer } = await running;
  watch.end();
  if (timedOut) exceeded ??= { limit: 'timeMinutes', found: `ran for ${limits.timeMinutes} min` };
  if (isMaxBuffer) exceeded ??= { limit: 'logMiB', found: `printed more than ${limits.logMiB} MiB` };
  return { failed, output: all, ...(exceeded !== undefined && { exceeded }) };
}

/** The processes of a sandbox end with bubblewrap. */
function killAll(pid: number | undefined, isSandboxed: boolean): void {
  if (pid === undefined) return;
  const ids = isSandboxed ? [pid] : measureTree(pid).processIds;
  for (const id of ids) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

/** Measures the processes and the written folders of a build until its end. */
class Watch {
  readonly #timer: NodeJS.Timeout;
  #hasEnded = false;

  constructor(
    private readonly pid: number,
    private readonly limits: BuildLimits,
    private readonly written: readonly string[],
    private readonly stop: (exceeded: Exceeded) => void,
  ) {
    this.#timer = setInterval(() => {
      this.#measureProcesses();
    }, MEASURE_MS);
    void this.#measureDisk();
  }

  end(): void {
    this.#hasEnded = true;
    clearInterval(this.#timer);
  }

  #measureProcesses(): void {
    const { processes, memoryMiB } = this.limits;
    const { tasks, memoryBytes } = measureTree(this.pid);
    if (tasks > processes) this.stop({ limit: 'processes', found: `ran ${tasks} processes and threads` });
    if (memoryBytes > toBytes(memoryMiB))
      this.stop({ limit: 'memoryMiB', found: `used ${Math.ceil(memoryBytes / toBytes(1))} MiB of memory` });
  }

  async #measureDisk(): Promise<void> {
    const { diskMiB } = this.limits;
    const [first = '/'] = this.written;
    while (!this.#hasEnded) {
      const start = Date.now();
      const used = await diskUsage(this.written, toBytes(diskMiB));
      if (used > toBytes(diskMiB)) this.stop({ limit: 'diskMiB', found: `wrote more than ${diskMiB} MiB` });
      if ((await freeBytes(first)) < MIN_FREE_BYTES)
        this.stop({ limit: 'diskMiB', found: `filled the disk of ${first}` });
      const rest = Math.max(MEASURE_MS, REST_FACTOR * (Date.now() - start));
      await new Promise((resume) => setTimeout(resume, rest).unref());
    }
  }
}

/** The space left on a folder's disk. The folder may have been removed, as a measurement can outlast the build. */
async function freeBytes(folder: string): Promise<number> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Infinity,
  );
}

/** The disk space of folders, measured until it is more than `enough`. Files may disappear meanwhile. */
async function diskUsage(folders: readonly string[], enough: number): Promise<number> {
  let used = 0;
  const waiting = [...folders];
  for (let folder = waiting.pop(); folder !== undefined && used <= enough; folder = waiting.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      const blocks = await lstat(path).then(
        (found) => 512 * found.blocks,
        () => 0,
      );
      used += Math.max(MIN_FILE_BYTES, blocks);
      if (used > enough) break;
    }
  }
  return used;
}
