// Resolves a reqset to wheels. Only distributions that reqset.json builds from source, and those without any wheel on the index, are locked as sdists;
// uv gets their dependencies and does not build them.
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { distError, throwIssues } from '../dist-error.js';
import { EMPTY_RECIPE, type BuildSettings } from '../lock/build-recipe.js';
import type { LockInputs, WrittenRequirement } from '../lock/inputs.js';
import type { WheelFile } from '../names/distribution-file.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import { parseSdistFileName } from '../names/sdist-file-name.js';
import { isPreRelease, tryParseVersion } from '../pep440/version.js';
import { compareVersions, isSameVersion } from '../pep440/version-compare.js';
import type { AllowedFiles } from './allowed-files.js';
import type { BuildResolver } from './build-requirements.js';
import { refuseBuilds } from './check-target.js';
import { lockedFile, withSize } from './chosen.js';
import { compileRequirements, ResolutionError, sourceOnlyNames, type Resolved } from './compile.js';
import { diagnosePins, type WrittenPin } from './diagnose.js';
import { keepOptions, type LockOptions } from './lock-options.js';
import { offering, readPrebuilt, type PrebuiltPin } from './prebuilt.js';
import { readSdistFacts, type SdistFacts, type SdistTools } from './sdist-facts.js';

/** A pin that is built from its sdist. */
export interface SourcePin extends SdistFacts {
  name: string;
  version: string;
  sdist: WheelFile;
  settings: BuildSettings;
}

export interface ResolvedPins {
  /** Pins with wheels of the index. */
  wheels: Resolved[];
  sources: SourcePin[];
  prebuilt: PrebuiltPin[];
}

const NO_SETTINGS: BuildSettings = { ...EMPTY_RECIPE, isForced: false, requires: [] };

export interface ResolveRequest {
  /** The reqset, for messages. */
  subject: string;
  inputs: LockInputs;
  /** The requirements, and the dependencies of source trees. */
  roots: string[];
  options: LockOptions;
  allowed: AllowedFiles;
}

/** @throws DistError `DIST_RESOLVE_*`, `DIST_SOURCE_*`, `DIST_INDEX_*` */
export async function resolvePins(
  tools: SdistTools,
  builds: BuildResolver,
  request: ResolveRequest,
): Promise<ResolvedPins> {
  const prebuilt = await readPrebuilt(tools, request.subject, request.inputs);
  return offering(tools.root, prebuilt, async (wheels) => {
    const found = await resolveSources(tools, builds, request, (sources) =>
      tryCompile(tools, request, { sources, prebuilt, ...(wheels !== undefined && { wheels }) }),
    );
    const taken = new Set(prebuilt.map(({ name }) => name));
    return { ...found, wheels: found.wheels.filter(({ name }) => !taken.has(name)), prebuilt };
  });
}

type Compile = (sources: SourcePin[]) => Promise<Resolved[] | ResolutionError>;

/** Repeats the resolution until it finds no further distributions that have to be built from source. */
async function resolveSources(
  tools: SdistTools,
  builds: BuildResolver,
  request: ResolveRequest,
  compile: Compile,
): Promise<Pick<ResolvedPins, 'wheels' | 'sources'>> {
  const { subject, inputs } = request;
  const written = [...inputs.requirements, ...(inputs.constraints ?? [])];
  const exact = new Map(written.flatMap(exactPin).map((pin) => [pin.name, pin]));
  const sources = new Map<string, SourcePin>();
  for (;;) {
    const attempt = await compile([...sources.values()]);
    const wanted = (await candidates(tools, attempt, inputs, exact)).filter(({ name }) => !sources.has(name));
    if (wanted.length === 0) {
      if (attempt instanceof ResolutionError) return explain(tools, subject, inputs, attempt);
      checkForced(subject, inputs, attempt);
      return { wheels: attempt.filter(({ name }) => !sources.has(name)), sources: [...sources.values()] };
    }
    const read = await readSources(tools, builds, request, wanted, [...exact.values()]);
    for (const source of read) sources.set(source.name, source);
  }
}

/** Uses the versions of another tool's lock. Those without wheels are built from source. */
export async function takePins(
  tools: SdistTools,
  builds: BuildResolver,
  request: ResolveRequest,
  found: Resolved[],
): Promise<ResolvedPins> {
  const prebuilt = await readPrebuilt(tools, request.subject, request.inputs);
  const taken = new Set(prebuilt.map(({ name }) => name));
  const rest = found.filter(({ name }) => !taken.has(name));
  const isBuilt = await Promise.all(
    rest.map(async ({ name, version, wheels }) => {
      const isForced = request.inputs.builds?.[name]?.isForced === true;
      return isForced || (wheels.length === 0 && (await hasSourceOnly(tools, { name, version })));
    }),
  );
  checkForced(request.subject, request.inputs, found);
  refuseBuilds(
    request.subject,
    request.inputs.target,
    found.filter((_, at) => isBuilt[at]).map(({ name, version }) => `${name} ${version} has only an sdist`),
  );
  const sources = await readSources(
    tools,
    builds,
    request,
    rest.filter((_, at) => isBuilt[at]),
    found,
  );
  return { wheels: rest.filter((_, at) => isBuilt[at] !== true), sources, prebuilt };
}

async function readSources(
  tools: SdistTools,
  builds: BuildResolver,
  { inputs, allowed }: ResolveRequest,
  wanted: readonly Version[],
  pinned: readonly Version[],
): Promise<SourcePin[]> {
  const constraints = pinned.map(({ name, version }) => `${name}==${version}`);
  const limit = pLimit(availableParallelism());
  const read = wanted.map(({ name, version }) =>
    limit(async () => {
      const settings = inputs.builds?.[name] ?? NO_SETTINGS;
      if (!settings.isForced)
        tools.progress(`${name} ${version}: the index has no wheel, so it will be built from source`);
      const sdist = await findSdist(tools, { name, version }, allowed);
      const wanted = { name, version, sdist, settings, target: inputs.target, constraints };
      return { name, version, sdist, settings, ...(await readSdistFacts(tools, builds, wanted)) };
    }),
  );
  return Promise.all(read);
}

type Version = Pick<Resolved, 'name' | 'version'>;

async function tryCompile(
  tools: SdistTools,
  { subject, inputs: { target, constraints = [] }, roots, options }: ResolveRequest,
  { sources, prebuilt, wheels }: Pick<ResolvedPins, 'sources' | 'prebuilt'> & { wheels?: string },
): Promise<Resolved[] | ResolutionError> {
  try {
    return await compileRequirements(tools, subject, roots, target, {
      constraints: [
        ...constraints.map(({ text }) => text),
        ...prebuilt.map(({ name, version }) => `${name}==${version}`),
      ],
      ...keepOptions(options, options.previous?.packages ?? []),
      sources,
      ...(wheels !== undefined && { wheels }),
    });
  } catch (error) {
    if (error instanceof ResolutionError) return error;
    throw error;
  }
}

/** The distributions that have to be built from source, as far as an attempt shows. */
async function candidates(
  tools: SdistTools,
  attempt: Resolved[] | ResolutionError,
  { builds = {} }: LockInputs,
  exact: Map<string, WrittenPin>,
): Promise<Version[]> {
  const forced = Object.keys(builds).filter((name) => builds[name]?.isForced === true);
  if (!(attempt instanceof ResolutionError)) return attempt.filter(({ name }) => forced.includes(name));
  // uv's error does not contain the version: this is the pinned one, or else the newest.
  const offers = await Promise.all(
    [...new Set([...forced, ...sourceOnlyNames(attempt)])].map(async (name) => {
      const version = exact.get(name)?.version ?? (await newestSdist(tools, name));
      const isBuilt =
        version !== undefined && (forced.includes(name) || (await hasSourceOnly(tools, { name, version })));
      return isBuilt ? [{ name, version }] : [];
    }),
  );
  return offers.flat();
}

/** Whether the version has an sdist and no wheel for any target. */
async function hasSourceOnly({ index }: SdistTools, { name, version }: Version): Promise<boolean> {
  const files = (await index.files(name)).map((file) => file.name);
  const isWheel = (file: string): boolean => file.endsWith('.whl') && isSameVersion(file.split('-')[1] ?? '', version);
  return !files.some(isWheel) && files.some((file) => isSdistOf(file, { name, version }));
}

function isSdistOf(fileName: string, { name, version }: Version): boolean {
  const found = parseSdistFileName(fileName);
  return found?.name === name && isSameVersion(found.version, version);
}

async function newestSdist({ index }: SdistTools, name: string): Promise<string | undefined> {
  const versions = (await index.files(name)).flatMap((file) => {
    const text = file.yanked ? undefined : parseSdistFileName(file.name)?.version;
    const version = text === undefined ? undefined : tryParseVersion(text);
    return text === undefined || version === undefined || isPreRelease(version) ? [] : [{ text, version }];
  });
  return versions.sort((a, b) => compareVersions(b.version, a.version))[0]?.text;
}

async function findSdist({ index }: SdistTools, { name, version }: Version, allowed: AllowedFiles): Promise<WheelFile> {
  const files = (await index.files(name)).filter((file) => {
    const isAllowed = file.sha256 === undefined || allowed.get(name)?.has(file.sha256) !== false;
    return isSdistOf(file.name, { name, version }) && isAllowed;
  });
  const file = files.find((candidate) => !candidate.name.endsWith('.zip')) ?? files[0];
  if (file === undefined) {
    throw distError(`${name} ${version}`, 'DIST_RESOLVE_NO_SDIST', [
      'the index has no sdist in a supported format with one of the given hashes',
      'Pin a version that has one, or use its wheel: remove it from "build" in reqset.json.',
    ]);
  }
  return lockedFile(await withSize(index, name, { name: file.name, size: file.size ?? 0, sha256: file.sha256 ?? '' }));
}

/** Reports names in "build" that are not pins, so that misspelt names are not ignored. */
function checkForced(subject: string, { builds = {} }: LockInputs, resolved: Resolved[]): void {
  const unknown = Object.keys(builds).filter((name) => !resolved.some((pin) => pin.name === name));
  throwIssues(
    subject,
    unknown.map((name) => ({
      code: 'DIST_RESOLVE_BUILD_UNKNOWN',
      message: `"build" in reqset.json names ${name}, which is not a pin of this reqset\nCheck the spelling, or remove it.`,
    })),
  );
}

async function explain(
  { uv, index }: SdistTools,
  subject: string,
  { requirements, constraints = [], target }: LockInputs,
  error: ResolutionError,
): Promise<never> {
  const pins = [...requirements, ...constraints].flatMap(exactPin);
  throwIssues(subject, await diagnosePins(pins, target, uv, index));
  // Each pin is available, so they conflict with each other: uv names the pins, and these lines add their locations.
  const named = pins.filter(({ name }) => new RegExp(`\\b${name}\\b`, 'i').test(error.explanation));
  const places = named.map(({ place = '', name, version }) => `${place}: ${name}==${version}`);
  throw distError(subject, 'DIST_RESOLVE_CONFLICT', ['the pins conflict', ...places, error.explanation], {
    cause: error,
  });
}

function exactPin({ text, place }: WrittenRequirement): WrittenPin[] {
  const { name, specifiers } = parseRequirement(text);
  const [only] = specifiers;
  const isExact = specifiers.length === 1 && only?.operator === '==' && !only.wildcard;
  return isExact ? [{ name: normalizeName(name), version: only.version, place }] : [];
}
