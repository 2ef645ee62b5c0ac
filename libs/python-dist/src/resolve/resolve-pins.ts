// Resolves a reqset to wheels. Only distributions that reqset.json builds from source, and versions without any wheel on the index, are locked as
// sdists; uv gets their dependencies and does not build them.
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { distError, throwIssues } from '../dist-error.js';
import { EMPTY_RECIPE, type BuildSettings } from '../lock/build-recipe.js';
import type { LockInputs } from '../lock/inputs.js';
import type { WheelFile } from '../names/distribution-file.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseSdistFileName } from '../names/sdist-file-name.js';
import { isSameVersion } from '../pep440/version-compare.js';
import { parseRequirement } from '../requirements/requirement.js';
import type { Attempt, Change } from './advice.js';
import type { AllowedFiles } from './allowed-files.js';
import type { BuildResolver } from './build-requirements.js';
import { refuseBuilds } from './check-target.js';
import { lockedFile, withSize } from './chosen.js';
import { compileRequirements, ResolutionError, sourceOnlyNames, urlDependency, type Resolved } from './compile.js';
import { explainFailure } from './explain-failure.js';
import { keepOptions, type LockOptions } from './lock-options.js';
import type { DirectPins, SourcePin } from './source-pin.js';
import { incompatible, offering, readPrebuilt, type PrebuiltPin } from './prebuilt.js';
import { readSdistFacts, type SdistTools } from './sdist-facts.js';

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
  /** Pins that are required by a path, a URL or a repository. */
  direct: DirectPins;
  /** A requirement of a distribution as uv gets it: without URLs and source trees. */
  plain: (text: string) => string[];
}

/** @throws DistError `DIST_RESOLVE_*`, `DIST_SOURCE_*`, `DIST_INDEX_*` */
export async function resolvePins(
  tools: SdistTools,
  builds: BuildResolver,
  request: ResolveRequest,
): Promise<ResolvedPins> {
  const prebuilt = await readAllPrebuilt(tools, request);
  return offering(withPlain(prebuilt, request), request.direct.sources, async (wheels) => {
    const found = await resolveSources(tools, builds, request, (state, change) =>
      tryCompile(tools, changed(request, change), {
        ...state,
        built: new Set([...state.built, ...(change?.built ?? [])]),
        fixed: withoutNames(state.fixed, change?.lines ?? new Map()),
        prebuilt,
        ...(wheels !== undefined && { wheels }),
      }),
    );
    const taken = new Set(prebuilt.map(({ name }) => name));
    return { ...found, wheels: found.wheels.filter(({ name }) => !taken.has(name)), prebuilt };
  });
}

/** With requirements as uv gets them. */
function withPlain(pins: readonly PrebuiltPin[], { plain }: ResolveRequest): PrebuiltPin[] {
  return pins.map((pin) => ({ ...pin, requiresDist: pin.requiresDist.flatMap(plain) }));
}

async function readAllPrebuilt(tools: SdistTools, { subject, inputs, direct }: ResolveRequest): Promise<PrebuiltPin[]> {
  throwIssues(subject, await incompatible(tools.uv, inputs.target, direct.wheels));
  return [...(await readPrebuilt(tools, subject, inputs)), ...direct.wheels];
}

/** Resolves the set with changes, after it was resolved. */
export function attemptOf(tools: SdistTools, request: ResolveRequest, { sources, prebuilt }: ResolvedPins): Attempt {
  return (change) =>
    offering(withPlain(prebuilt, request), request.direct.sources, (wheels) => {
      const built = new Set([...sources.map(({ name }) => name), ...(change.built ?? [])]);
      const state = { built, known: sources, fixed: new Map<string, string>(), prebuilt };
      return tryCompile(tools, changed(request, change), { ...state, ...(wheels !== undefined && { wheels }) });
    });
}

/** Without the distributions whose lines change. */
function withoutNames(
  fixed: ReadonlyMap<string, string>,
  lines: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const names = new Set([...lines.keys()].map((text) => normalizeName(parseRequirement(text).name)));
  return new Map([...fixed].filter(([name]) => !names.has(name)));
}

/** The request with changed lines. */
function changed(request: ResolveRequest, { lines = new Map(), added = [] }: Change = {}): ResolveRequest {
  const { inputs, roots } = request;
  const { constraints = [] } = inputs;
  const textOf = (text: string): string => lines.get(text) ?? text;
  const written = [
    ...constraints.map(({ text, place }) => ({ text: textOf(text), place })),
    ...added.map((text) => ({ text, place: '' })),
  ];
  return { ...request, inputs: { ...inputs, constraints: written }, roots: roots.map(textOf) };
}

/** What is known about distributions that are built from source. */
interface SourceState {
  /** PEP 503 names of those that are built. */
  built: ReadonlySet<string>;
  /** The versions whose dependencies are known. */
  known: readonly SourcePin[];
  /** Versions that have wheels after all. */
  fixed: ReadonlyMap<string, string>;
}

type Compile = (state: SourceState, change?: Change) => Promise<Resolved[] | ResolutionError>;

/**
 * uv chooses the versions of all distributions, also of those that are built: it takes their dependencies to be none until it has chosen a version whose
 * dependencies are then determined. This is repeated until the dependencies of every chosen version are known.
 */
async function resolveSources(
  tools: SdistTools,
  builds: BuildResolver,
  request: ResolveRequest,
  compile: Compile,
): Promise<Pick<ResolvedPins, 'wheels' | 'sources'>> {
  const { subject, inputs } = request;
  const direct = new Map(request.direct.sources.map((pin) => [pin.name, pin]));
  const isForced = (name: string): boolean => inputs.builds?.[name]?.isForced === true || direct.has(name);
  const built = new Set([...Object.keys(inputs.builds ?? {}).filter(isForced), ...direct.keys()]);
  const fixed = new Map<string, string>();
  const known = new Map<string, SourcePin>([...direct.values()].map((pin) => [keyOf(pin), pin]));
  for (;;) {
    const attempt = await compile({ built, known: [...known.values()], fixed });
    if (attempt instanceof ResolutionError) {
      const more = await findSourceOnly(tools, attempt, (name) => !built.has(name) && !fixed.has(name));
      if (more.length === 0) {
        const state = { built, known: [...known.values()], fixed };
        return explainFailure(tools, subject, inputs, {
          error: attempt,
          built,
          attempt: (change) => compile(state, change),
        });
      }
      for (const name of more) built.add(name);
      continue;
    }
    const chosen = attempt.filter(({ name }) => built.has(name));
    const withWheels = await pFilter(chosen, async (pin) => !isForced(pin.name) && !(await hasSourceOnly(tools, pin)));
    for (const { name, version } of withWheels) {
      built.delete(name);
      fixed.set(name, version);
    }
    const unknown = chosen.filter((pin) => built.has(pin.name) && !known.has(keyOf(pin)));
    const read = await readSources(tools, builds, request, unknown, attempt);
    for (const source of read) known.set(keyOf(source), source);
    if (withWheels.length > 0 || unknown.length > 0) continue;
    checkForced(subject, inputs, attempt);
    const sources = chosen.flatMap((pin) => known.get(keyOf(pin)) ?? []);
    return { wheels: attempt.filter(({ name }) => !built.has(name)), sources };
  }
}

function keyOf({ name, version }: Version): string {
  return `${name} ${version}`;
}

/** Uses the versions of another tool's lock. Those without wheels are built from source. */
export async function takePins(
  tools: SdistTools,
  builds: BuildResolver,
  request: ResolveRequest,
  found: Resolved[],
): Promise<ResolvedPins> {
  const prebuilt = await readAllPrebuilt(tools, request);
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
  return {
    wheels: rest.filter((_, at) => isBuilt[at] !== true),
    sources: [...sources, ...request.direct.sources],
    prebuilt,
  };
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

interface CompileState extends SourceState {
  prebuilt: readonly PrebuiltPin[];
  wheels?: string;
}

/** uv refuses requirements by URL of distributions. For pins that requirements.txt has by URL they are replaced by the version. */
async function tryCompile(
  tools: SdistTools,
  request: ResolveRequest,
  state: CompileState,
  overridden: readonly string[] = [],
): Promise<Resolved[] | ResolutionError> {
  const found = await compileOnce(tools, request, state, overridden);
  const dependency = found instanceof ResolutionError ? urlDependency(found) : undefined;
  const { direct } = request;
  const pin = [...direct.wheels, ...direct.sources].find(({ name }) => name === dependency?.name);
  if (pin === undefined || overridden.includes(pin.name)) return found;
  return tryCompile(tools, request, state, [...overridden, pin.name]);
}

async function compileOnce(
  tools: SdistTools,
  { subject, inputs: { target, constraints = [] }, roots, options, direct, plain }: ResolveRequest,
  { built, known, fixed, prebuilt, wheels }: CompileState,
  overridden: readonly string[],
): Promise<Resolved[] | ResolutionError> {
  const given = [...prebuilt, ...direct.sources];
  try {
    return await compileRequirements(tools, subject, roots, target, {
      constraints: [
        ...constraints.map(({ text }) => text),
        ...given.map(({ name, version }) => `${name}==${version}`),
        ...[...fixed].map(([name, version]) => `${name}==${version}`),
        ...(options.minimum ?? []).map(({ name, version }) => `${name}>=${version}`),
      ],
      ...keepOptions(options, options.previous?.packages ?? []),
      built: [...built],
      sources: [...known, ...direct.wheels].map((pin) => ({ ...pin, requiresDist: pin.requiresDist.flatMap(plain) })),
      ...(wheels !== undefined && { wheels }),
      overrides: given
        .filter(({ name }) => overridden.includes(name))
        .map(({ name, version }) => `${name}==${version}`),
    });
  } catch (error) {
    if (error instanceof ResolutionError) return error;
    throw error;
  }
}

/** The distributions that uv's error reports without wheels, if the index has sdists of them. */
async function findSourceOnly(
  { index }: SdistTools,
  error: ResolutionError,
  isNew: (name: string) => boolean,
): Promise<string[]> {
  return pFilter(sourceOnlyNames(error).filter(isNew), async (name) =>
    (await index.files(name)).some((file) => parseSdistFileName(file.name)?.name === name),
  );
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

async function pFilter<Item>(items: readonly Item[], test: (item: Item) => Promise<boolean>): Promise<Item[]> {
  const passed = await Promise.all(items.map(test));
  return items.filter((_, at) => passed[at]);
}
