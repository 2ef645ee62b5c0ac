// Records where the executors of a run found their outputs, and how long builds took, in a file of the run's folder that the processes of the run share. For
// the summary only: Nx counts all of these tasks as executed, and the time that they waited for others as theirs.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';

const ORIGIN = z.object({
  /** Nx's id of the task. */
  task: z.string(),
  /** The local folder, the remote store, a package index, or a build. */
  origin: z.enum(['local', 'remote', 'index', 'built']),
  /** Milliseconds, if the executor measured it. */
  ms: z.number().exactOptional(),
});

export type TaskOrigin = z.output<typeof ORIGIN>;

const FILE = 'origins.jsonl';

export function recordOrigin(origin: TaskOrigin): void {
  const folder = process.env.PINPACK_STORE_RUN;
  if (folder === undefined || folder === '') return;
  try {
    // One small append, so that lines of several processes do not mix.
    appendFileSync(join(folder, FILE), `${JSON.stringify(origin)}\n`);
  } catch {
    // The run's folder is gone or full.
  }
}

/** @param folder - of a run @returns origins by task */
export function readOrigins(folder: string): Map<string, TaskOrigin> {
  return new Map(
    readLines(join(folder, FILE)).flatMap((line) => {
      const origin = parseJson(line, ORIGIN);
      return origin === undefined ? [] : [[origin.task, origin] as const];
    }),
  );
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
