// Reads the tasks of a command of Nx, such as `affected -t rpm`, from the task graph that Nx writes for it, without running them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkJson } from '@pinpack/common/json';
import { execa } from 'execa';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';
import { dependencyIds } from '../tasks/task-dependencies.js';
import type { Durations } from '@pinpack/build-store';
import type { PlannedTask } from './plan-shards.js';

const NAME = z.object({ project: z.string(), target: z.string() });

const TARGET = z.object({
  executor: z.string().optional(),
  cache: z.boolean().optional(),
  options: z.looseObject({ output: z.string().optional() }).optional(),
});

/** `nx … --graph=<file>.json` */
const GRAPH = z.object({
  graph: z.object({
    nodes: z.record(
      z.string(),
      z.object({
        data: z.object({
          targets: z.record(z.string(), TARGET).optional(),
        }),
      }),
    ),
  }),
  tasks: z.object({
    tasks: z.record(z.string(), z.object({ id: z.string(), target: NAME })),
    dependencies: z.record(z.string(), z.array(z.union([z.string(), z.object({ id: z.string() })]))),
  }),
});

type Graph = z.output<typeof GRAPH>;

/** Expected durations of tasks that have never run: a build from source takes much longer than the others. */
const UNKNOWN_BUILD_MS = 60_000;
const UNKNOWN_MS = 1_000;

/**
 * @param args - of nx: a command with targets
 * @throws PinpackError `PINPACK_CI_NX`
 */
export async function readTasks(root: string, args: readonly string[]): Promise<Graph> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-ci-'));
  const file = join(folder, 'graph.json');
  try {
    const result = await execa(process.execPath, [nxProgram(root), ...args, `--graph=${file}`], {
      cwd: root,
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    const text = await readFile(file, 'utf8').catch(() => '');
    const { value, issues } = checkJson(text, GRAPH);
    if (!result.failed && value !== undefined) return value;
    const output = result.all.split('\n').slice(-20);
    const found = result.failed ? [`ended with ${result.exitCode ?? result.signal ?? 'an error'}`] : (issues ?? []);
    throw new PinpackError('PINPACK_CI_NX', `nx ${args.join(' ')}`, [...found, ...output]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The program of the workspace's own Nx. @throws PinpackError `PINPACK_CI_NX` */
export function nxProgram(root: string): string {
  const { resolve } = createRequire(join(root, 'package.json'));
  try {
    const manifest = resolve('nx/package.json');
    const { bin } = createRequire(manifest)(manifest) as { bin: { nx: string } };
    return join(dirname(manifest), bin.nx);
  } catch (cause) {
    throw new PinpackError('PINPACK_CI_NX', root, 'Nx is not installed here\n  Run it in the workspace, after npm ci', {
      cause,
    });
  }
}

/** @param targets - those that the pipeline asks for */
export function planTasks({ graph, tasks }: Graph, targets: readonly string[], durations: Durations): PlannedTask[] {
  return Object.values(tasks.tasks).map(({ id, target: { project, target } }) => {
    const configuration = graph.nodes[project]?.data.targets?.[target];
    // A group of other tasks, which are planned themselves.
    const isGroup = configuration?.executor === 'nx:noop';
    return {
      ...{ id, project, target, dependencies: dependencyIds(tasks.dependencies, id) },
      ms: isGroup ? 0 : (durations.get(id) ?? (buildsFromSource(configuration) ? UNKNOWN_BUILD_MS : UNKNOWN_MS)),
      isRequested: targets.includes(target) && !isGroup,
    };
  });
}

/** Wheels that are downloaded are not cached by Nx. `pinpack:build` makes whatever its option says. */
function buildsFromSource(target?: z.output<typeof TARGET>): boolean {
  if (target?.cache !== true) return false;
  return (
    target.executor === 'pinpack:wheel' || (target.executor === 'pinpack:build' && target.options?.output === 'wheel')
  );
}
