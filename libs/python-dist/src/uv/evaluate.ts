// Evaluates wheel tags, requirements and markers for a target with Python's `packaging` (python/evaluate.py). The wheel of `packaging` is part of
// this package, so that no index is needed.
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { distError, issue, throwIssues } from '../dist-error.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { parseJson } from '@pinpack/common/json';
import type { Uv } from './uv.js';

const STRINGS = z.array(z.string());
const ACTIVE_REQUIREMENTS = z.object({ extras: STRINGS, requires: STRINGS, dependencies: STRINGS });
export type ActiveRequirements = z.infer<typeof ACTIVE_REQUIREMENTS>;

const CHOSEN_WHEELS = z.record(z.string(), z.string().nullable());
const REQUIREMENTS_BY_NAME = z.record(z.string(), ACTIVE_REQUIREMENTS);
const HELD_MARKERS = z.array(z.boolean());

const INVALID_METADATA = z.object({
  invalid: z.array(z.object({ name: z.string(), line: z.string(), problem: z.string() })),
});

const SCRIPT = fileURLToPath(new URL('../../python/evaluate.py', import.meta.url));
const PACKAGING = fileURLToPath(new URL('../../python/packaging-26.0-py3-none-any.whl', import.meta.url));

/** The best wheel of each package for the target, or null if none is compatible. @param candidates - file names by package */
export function chooseWheels(
  uv: Uv,
  target: TargetEnvironment,
  candidates: Record<string, string[]>,
): Promise<Record<string, string | null>> {
  return ask(uv, { question: 'wheels', target, candidates }, CHOSEN_WHEELS);
}

/**
 * The active requirements of each package, starting from the requirements of the reqset.
 *
 * @param roots - requirements with extras and markers
 * @param packages - Requires-Dist lines by PEP 503 name
 */
export function activeRequirements(
  uv: Uv,
  target: TargetEnvironment,
  roots: string[],
  packages: Record<string, string[]>,
): Promise<Record<string, ActiveRequirements>> {
  return ask(uv, { question: 'requirements', target, roots, packages }, REQUIREMENTS_BY_NAME);
}

/**
 * The markers of a lock that are true for the target, without extras.
 *
 * @param groups - the lock's default dependency groups
 */
export async function holdingMarkers(
  uv: Uv,
  target: TargetEnvironment,
  markers: readonly string[],
  groups: readonly string[],
): Promise<Set<string>> {
  if (markers.length === 0) return new Set();
  const answers = await ask(uv, { question: 'markers', target, markers, groups }, HELD_MARKERS);
  return new Set(markers.filter((_, at) => answers[at]));
}

async function ask<Answer>(uv: Uv, question: object, schema: z.ZodType<Answer>): Promise<Answer> {
  const words = ['run', '--quiet', '--no-project', '--no-config', '--', 'python', '-B', SCRIPT];
  const { stdout, stderr, failed } = await uv.run(words, {
    input: JSON.stringify(question),
    env: { PYTHONPATH: PACKAGING },
  });
  throwInvalid(failed ? undefined : parseJson(stdout, INVALID_METADATA));
  const answer = failed ? undefined : parseJson(stdout, schema);
  if (answer !== undefined) return answer;
  throw distError('packaging', 'DIST_RESOLVE_EVALUATION_FAILED', [
    'python/evaluate.py could not evaluate the requirements',
    failed ? stderr : `it printed ${JSON.stringify(stdout.slice(0, 200))}, expected the JSON that it documents`,
  ]);
}

function throwInvalid(answer: z.infer<typeof INVALID_METADATA> | undefined): void {
  const issues = (answer?.invalid ?? []).map(({ name, line, problem }) =>
    issue(
      'DIST_METADATA_INVALID',
      `${name}: its METADATA has Requires-Dist: ${line}, expected a requirement (PEP 508): ${problem}`,
      `Pin another version of ${name}.`,
    ),
  );
  throwIssues('METADATA', issues);
}
