// Explains a resolution that failed: by the pins that are not available, or by uv's conflict and the lines that it names.
import { distError, throwIssues } from '../dist-error.js';
import type { LockInputs, WrittenRequirement } from '../lock/inputs.js';
import { normalizeName } from '../names/normalize-name.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { parseRequirement } from '../requirements/requirement.js';
import { holdingMarkers } from '../uv/evaluate.js';
import type { Uv } from '../uv/uv.js';
import { versionsWithout, type Attempt } from './advice.js';
import { urlDependency, type ResolutionError } from './compile.js';
import { diagnosePins, type WrittenPin } from './diagnose.js';
import type { SdistTools } from './sdist-facts.js';

export interface Failure {
  error: ResolutionError;
  /** PEP 503 names of the distributions that are built from source. */
  built: ReadonlySet<string>;
  attempt: Attempt;
}

/** The lines of a conflict whose change is tried. */
const TRIED_LINES = 6;

/** Throws. Reports pins that are not available; if all are, the conflict between them in uv's words, with the lines that it names. */
export async function explainFailure(
  { uv, index }: SdistTools,
  subject: string,
  { requirements, constraints = [], target }: LockInputs,
  { error, built, attempt }: Failure,
): Promise<never> {
  refuseUrlDependency(error, requirements);
  const active = await activeLines(uv, target, [...requirements, ...constraints]);
  refuseUnusable(subject, error);
  throwIssues(subject, await diagnosePins(active.flatMap(exactPin), built, { target, uv, index, attempt }));
  const named = active.filter(({ text }) => {
    const { name } = parseRequirement(text);
    return new RegExp(`(?<![\\w.-])${name.replaceAll(/[-_.]+/g, '[-_.]+')}(?![\\w-])`, 'i').test(error.explanation);
  });
  const lines = named.map(({ place, text }) => `${place}: ${text}`);
  const advice = error.explanation.includes('was filtered by `exclude-newer`')
    ? 'Lock with a later --exclude-newer, or without it.'
    : await adviseChange(named, attempt, { uv, target, built });
  throw distError(
    subject,
    'DIST_RESOLVE_CONFLICT',
    ['the requirements conflict', ...lines, error.explanation, advice],
    {
      cause: error,
    },
  );
}

/** Throws if a distribution requires another by its URL. */
function refuseUrlDependency(error: ResolutionError, requirements: readonly WrittenRequirement[]): void {
  const dependency = urlDependency(error);
  if (dependency === undefined) return;
  const { of, name, requirement } = dependency;
  const line = requirements.find(({ text }) => normalizeName(parseRequirement(text).name) === name);
  const what = line === undefined ? 'Add this line to requirements.txt' : `Replace ${line.place} by`;
  throw distError(of, 'DIST_RESOLVE_URL', [
    `requires ${name} by its URL, which only requirements.txt can ask for`,
    `${what}: ${requirement}`,
  ]);
}

/** Throws if nothing is wrong with the requirements, but with the files of the index. */
function refuseUnusable(subject: string, error: ResolutionError): void {
  const { explanation } = error;
  const [, invalid] = /([\w.-]+)(?:==\S+)? ha(?:s|ve) invalid metadata/.exec(explanation) ?? [];
  if (invalid === undefined) return;
  throw distError(
    subject,
    'DIST_METADATA_INVALID',
    [
      `the METADATA of ${invalid} cannot be read`,
      explanation,
      `Pin a version of ${invalid} whose METADATA is valid. If it is valid elsewhere, the index serves a damaged file.`,
    ],
    { cause: error },
  );
}

/** Each single line whose change lets the set resolve, with the version that the set then has. */
async function adviseChange(
  named: readonly WrittenRequirement[],
  attempt: Attempt,
  tools: { uv: Uv; target: TargetEnvironment; built: ReadonlySet<string> },
): Promise<string> {
  const found: string[] = [];
  for (const { text, place } of named.filter(isLimited).slice(0, TRIED_LINES)) {
    const name = normalizeName(parseRequirement(text).name);
    const version = (await versionsWithout([text], attempt, tools))?.get(name);
    if (version !== undefined) found.push(`change ${place} to ${name}==${version}`);
  }
  const [first, ...others] = found;
  if (first !== undefined) return `With one of these changes the set resolves: ${[first, ...others].join('; or ')}.`;
  return named.length > 1
    ? 'No change of the version in a single line lets the set resolve. Change or remove several of the lines above.'
    : 'Change the requirement that excludes the others.';
}

function isLimited({ text }: WrittenRequirement): boolean {
  return parseRequirement(text).specifiers.length > 0;
}

/** The requirements whose markers are true for the target. */
async function activeLines(
  uv: Uv,
  target: TargetEnvironment,
  lines: readonly WrittenRequirement[],
): Promise<WrittenRequirement[]> {
  const markers = lines.map(({ text }) => parseRequirement(text).marker);
  const holding = await holdingMarkers(uv, target, [...new Set(markers.flatMap((marker) => marker ?? []))], []);
  return lines.filter((_, at) => {
    const marker = markers[at];
    return marker === undefined || holding.has(marker);
  });
}

function exactPin({ text, place }: WrittenRequirement): WrittenPin[] {
  const { name, specifiers } = parseRequirement(text);
  const [only] = specifiers;
  const isExact = specifiers.length === 1 && only?.operator === '==' && !only.wildcard;
  return isExact ? [{ name: normalizeName(name), version: only.version, place, text }] : [];
}
