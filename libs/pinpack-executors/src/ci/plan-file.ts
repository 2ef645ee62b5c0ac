// The file that carries a pipeline's plan from the machine that plans to those that run the shards.
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { checkJson } from '@pinpack/common/json';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';

const PLAN = z.object({
  version: z.literal(1),
  /** Of nx: for messages. */
  command: z.string(),
  shards: z.array(
    z.object({
      shard: z.int().positive(),
      tasks: z.int().nonnegative(),
      seconds: z.number().nonnegative(),
      stages: z.array(z.object({ target: z.string().min(1), projects: z.array(z.string().min(1)).min(1) })),
    }),
  ),
});

export type Plan = z.output<typeof PLAN>;

export async function writePlan(file: string, plan: Plan): Promise<void> {
  await writeFileAtomically(file, [Buffer.from(`${JSON.stringify(plan, undefined, 2)}\n`)]);
}

/** @throws PinpackError `PINPACK_CI_PLAN` */
export async function readPlan(file: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PinpackError('PINPACK_CI_PLAN', file, ['cannot be read', NEXT_STEP], { cause });
  });
  const { value, issues = [] } = checkJson(text, PLAN);
  if (value === undefined) throw new PinpackError('PINPACK_CI_PLAN', file, [...issues, NEXT_STEP]);
  return value;
}

const NEXT_STEP = 'Make it with: pinpack-ci plan --shards N --out FILE -- affected -t rpm';
