// Determines the dependencies and build requirements of an sdist. If its metadata are dynamic, this runs its build backend: isolated, offline, with
// the locked build requirements only. The results are cached by the sdist's sha256.
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { distError } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { compactRecipe, type BuildSettings } from '../lock/build-recipe.js';
import type { WheelFile } from '../names/distribution-file.js';
import { parseMetadata } from '../wheel/metadata.js';
import { callHook, type HookResult, type PreparedBuild } from '../build/backend.js';
import { limitCause, limitReached } from '../build/build-limit.js';
import type { BuildPolicy } from '../build/build-policy.js';
import { BuildEnvironments } from '../build/environment.js';
import { findInterpreter } from '../build/interpreter.js';
import { applyPatches } from '../build/patches.js';
import { readBuildSystem, readStaticDependencies, type Dependencies } from '../build/project-files.js';
import { overrideRequirements } from '../build/build-names.js';
import { unpackSdist } from '../build/unpack-sdist.js';
import { unsandboxedWarning } from '../build/unsandboxed.js';
import { readBuiltFile, removeWorkFolder } from '../build/work-folder.js';
import type { BuildResolver } from './build-requirements.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { recall, remember } from './remember.js';
import type { Uv } from '../uv/uv.js';

/** Part of the cache key: increment it when `SdistFacts` change. */
const FORMAT = 2;
const SHOWN_LINES = 15;

export interface SdistFacts extends Dependencies {
  /** Build requirements: declared ones, those that the backend adds, and those of the settings. */
  buildRequires: string[];
}

const SDIST_FACTS: z.ZodType<SdistFacts> = z.object({
  requiresDist: z.array(z.string()),
  requiresPython: z.string().exactOptional(),
  buildRequires: z.array(z.string()),
});
/** The answer of `get_requires_for_build_wheel`; null if the backend has no such hook (PEP 517). */
const REQUIREMENTS = z.array(z.string()).nullable();

export interface SdistTools {
  uv: Uv;
  index: IndexClient;
  progress: (message: string) => void;
  /** The workspace's root. */
  root: string;
  /** The user's cache folder. */
  cache: string;
  policy: BuildPolicy;
}

export interface SdistRequest {
  name: string;
  version: string;
  sdist: WheelFile;
  settings: BuildSettings;
  target: TargetEnvironment;
  /** Pins of the reqset: `numpy==2.2.6`. */
  constraints: string[];
}

/** @throws DistError `DIST_SOURCE_*`, `DIST_INDEX_*`, `DIST_RESOLVE_*` */
export async function readSdistFacts(
  tools: SdistTools,
  builds: BuildResolver,
  request: SdistRequest,
): Promise<SdistFacts> {
  const cached = { cache: tools.cache, key: factsKey(request), schema: SDIST_FACTS };
  const find = (): Promise<SdistFacts> => inspect(tools, builds, request);
  // What a backend answers without a sandbox is not kept, because later runs would trust it.
  return tools.policy.sandbox === 'off' ? ((await recall(cached)) ?? find()) : remember(cached, find);
}

function factsKey({ sdist, settings: { requires, ...recipe }, target }: SdistRequest): unknown {
  const { environment, configSettings, patches } = compactRecipe(recipe);
  const settings = [requires, environment, configSettings, patches?.map(({ sha256 }) => sha256)];
  return [FORMAT, sdist.sha256, settings, target.python];
}

async function inspect(tools: SdistTools, builds: BuildResolver, request: SdistRequest): Promise<SdistFacts> {
  const { name, sdist, settings } = request;
  const work = await mkdtemp(join(tmpdir(), 'pinpack-sdist-'));
  try {
    const archive = join(work, sdist.name);
    await tools.index.download(name, sdist, archive);
    const tree = join(work, 'source');
    await unpackSdist(archive, tree, tools.policy.limits);
    await applyPatches(tools.root, settings.patches, tree);
    const system = await readBuildSystem(tree);
    // Before any code of the source runs, which could replace its files by links and pipes.
    const fixed = await readStaticDependencies(tree);
    const declared = overrideRequirements(system.requires, settings.requires);
    const environment = await makeEnvironment(tools, builds, request, declared);
    const build = { folders: { work, environment }, system, recipe: settings, policy: tools.policy };
    const added = await requiresOf(build, request);
    const buildRequires = overrideRequirements([...system.requires, ...added], settings.requires);
    const dependencies = fixed ?? (await readDynamicDependencies(build, request, tools));
    return { ...dependencies, buildRequires: [...new Set(buildRequires)] };
  } finally {
    await removeWorkFolder(work);
  }
}

async function makeEnvironment(
  { uv, index, cache, progress, policy }: SdistTools,
  builds: BuildResolver,
  { name, version, target, constraints }: SdistRequest,
  requires: string[],
): Promise<string> {
  const subject = `${name} ${version}`;
  progress(
    `${subject}: running the build backend of its sdist${policy.sandbox === 'on' ? ', isolated and offline' : ''}`,
  );
  if (policy.sandbox === 'off') progress(unsandboxedWarning(subject));
  const interpreter = await findInterpreter(uv, target.python);
  const locked = await builds.resolve({ subject: `${subject} [build-system]`, requires, constraints });
  const environments = new BuildEnvironments(uv, join(cache, 'environments'));
  return environments.get(interpreter, locked, ({ name: needed, wheel }, path) => index.download(needed, wheel, path));
}

async function requiresOf(build: PreparedBuild, request: SdistRequest): Promise<string[]> {
  const result = await callHook(build, 'get_requires_for_build_wheel', () => ({}), true);
  if (result.failed) throw hookFailed(request, build, 'its build requirements', result);
  const added = REQUIREMENTS.safeParse(result.answer);
  if (!added.success) throw hookFailed(request, build, 'its build requirements', result);
  return added.data ?? [];
}

async function readDynamicDependencies(
  build: PreparedBuild,
  request: SdistRequest,
  { progress }: SdistTools,
): Promise<Dependencies> {
  const { work } = build.folders;
  const out = join(work, 'out');
  progress(`${request.name} ${request.version}: its dependencies are dynamic; running its build backend`);
  const argumentsOf = (folders: { work: string }) => ({ metadata_directory: join(folders.work, 'out') });
  const result = await callHook(build, 'prepare_metadata_for_build_wheel', argumentsOf, true);
  if (result.failed || typeof result.answer !== 'string') throw hookFailed(request, build, 'its metadata', result);
  const [folder = ''] = (await readdir(out)).filter((entry) => entry.endsWith('.dist-info'));
  const { requiresDist, requiresPython } = parseMetadata(await readBuiltFile(work, 'out', folder, 'METADATA'));
  return { requiresDist: [...requiresDist], ...(requiresPython !== undefined && { requiresPython }) };
}

function hookFailed(
  { name, version }: SdistRequest,
  { policy }: PreparedBuild,
  what: string,
  { output, exceeded }: HookResult,
): Error {
  if (exceeded !== undefined) return limitReached(`${name} ${version}`, policy.limits, exceeded, { output });
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return distError(`${name} ${version}`, 'DIST_SOURCE_BACKEND_FAILED', [
    `the build backend of its sdist could not determine ${what}`,
    ...[limitCause(output) ?? []].flat(),
    ...lines.slice(-SHOWN_LINES),
    `Set what it needs in reqset.json, "build": {"${name}": …}, or pin a version that has a wheel.`,
  ]);
}
