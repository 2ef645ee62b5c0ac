// Determines the dependencies and build requirements of an sdist (PEP 517, PEP 518). Its build backend runs isolated, offline, with locked build
// requirements only: first the declared ones; then also those that it adds, with which it prepares dynamic metadata. Each step is cached by everything
// that determines it.
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { distError } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { compactRecipe, type BuildSettings } from '../lock/build-recipe.js';
import type { BuildRequirement } from '../lock/lock.js';
import type { WheelFile } from '../names/distribution-file.js';
import { parseMetadata } from '../wheel/metadata.js';
import { callHook, type HookResult, type PreparedBuild } from '../build/backend.js';
import { limitCause, limitReached } from '../build/build-limit.js';
import type { BuildPolicy } from '../build/build-policy.js';
import { BuildEnvironments, type Builder } from '../build/environment.js';
import type { RootBuilder } from '../build/root-interpreter.js';
import { findInterpreter } from '../build/interpreter.js';
import { applyPatches } from '../build/patches.js';
import {
  readBuildSystem,
  readStaticDependencies,
  readStaticIdentity,
  type ProjectIdentity,
  type BuildSystem,
  type Dependencies,
} from '../build/project-files.js';
import { overrideRequirements } from '../build/build-names.js';
import { hasExtensions } from '../build/source-tree-digest.js';
import { unpackSdist } from '../build/unpack-sdist.js';
import { unsandboxedWarning } from '../build/unsandboxed.js';
import { readBuiltFile, removeWorkFolder } from '../build/work-folder.js';
import type { BuildResolver } from './build-requirements.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { recall, remember } from './remember.js';
import type { Uv } from '../uv/uv.js';

/** Part of the cache keys: increment it when the cached data change. */
const FORMAT = 5;
const SHOWN_LINES = 15;

export interface SdistFacts extends Dependencies {
  /** Build requirements: declared ones, those that the backend adds, and those of the settings. */
  buildRequires: string[];
  /** Only if the request reads it. */
  identity?: ProjectIdentity;
  /** Whether it has code to compile; see `hasExtensions`. */
  compiles: boolean;
}

const STRINGS = z.array(z.string());
const DEPENDENCIES: z.ZodType<Dependencies> = z.object({
  requiresDist: STRINGS,
  requiresPython: z.string().exactOptional(),
});
const IDENTITY = z.object({ name: z.string(), version: z.string() });
const METADATA = z.object({
  requiresDist: STRINGS,
  requiresPython: z.string().exactOptional(),
  identity: IDENTITY,
});
/** What the files of the sdist state; `dependencies` is null if only the backend knows them. */
const DECLARED = z.object({
  system: z.object({ requires: STRINGS, backend: z.string(), backendPath: STRINGS }),
  dependencies: DEPENDENCIES.nullable(),
  identity: IDENTITY.nullable(),
  compiles: z.boolean(),
});
/** The answer of `get_requires_for_build_wheel`; null if the backend has no such hook (PEP 517). */
const REQUIREMENTS = STRINGS.nullable();

export interface SdistTools {
  uv: Uv;
  index: IndexClient;
  progress: (message: string) => void;
  /** The workspace's root. */
  root: string;
  /** The user's cache folder. */
  cache: string;
  policy: BuildPolicy;
  /** The root that `lock` was given for builds, with its Python; absent for this machine. */
  builder?: RootBuilder | undefined;
}

export interface SdistRequest {
  name: string;
  version: string;
  sdist: WheelFile;
  settings: BuildSettings;
  target: TargetEnvironment;
  /** Pins of the reqset: `numpy==2.2.6`. */
  constraints: string[];
  /** Whether name and version are read too, because they are not known yet. */
  readsIdentity?: boolean;
}

/** @throws DistError `DIST_SOURCE_*`, `DIST_INDEX_*`, `DIST_RESOLVE_*` */
export async function readSdistFacts(
  tools: SdistTools,
  builds: BuildResolver,
  request: SdistRequest,
): Promise<SdistFacts> {
  const { sdist, settings, constraints, target, readsIdentity = false } = request;
  const { environment, configSettings, patches = [] } = compactRecipe(settings);
  const source = [FORMAT, sdist.sha256, patches.map(({ sha256 }) => sha256)];
  const keyOf = (step: string, locked: readonly BuildRequirement[]): unknown => [
    ...[...source, step, environment, configSettings, target.python],
    ...(tools.builder === undefined ? [] : [tools.builder.root.digest]),
    locked.map(({ wheel }) => wheel.sha256).sort(),
  ];
  const lockRequires = (requires: string[]): Promise<BuildRequirement[]> =>
    builds.resolve({ subject: `${subjectOf(request)} [build-system]`, requires, constraints });
  const inspection = new SdistInspection(tools, request);
  try {
    const { system, dependencies, identity, compiles } = await cached(tools, source, DECLARED, () =>
      inspection.readDeclared(),
    );
    const first = await lockRequires(overrideRequirements(system.requires, settings.requires));
    const added = await cached(tools, keyOf('requires', first), STRINGS, () => inspection.askRequires(system, first));
    const buildRequires = [...new Set(overrideRequirements([...system.requires, ...added], settings.requires))];
    if (dependencies !== null && !readsIdentity) return { ...dependencies, buildRequires, compiles };
    if (dependencies !== null && identity !== null) return { ...dependencies, identity, buildRequires, compiles };
    const all = added.length === 0 ? first : await lockRequires(buildRequires);
    const prepare = (): Promise<z.infer<typeof METADATA>> => inspection.prepareMetadata(system, all);
    const { identity: found, ...prepared } = await cached(tools, keyOf('metadata', all), METADATA, prepare);
    return { ...prepared, ...(readsIdentity && { identity: found }), buildRequires, compiles };
  } finally {
    await inspection.end();
  }
}

/** What a backend answers without a sandbox is not kept, because later runs would trust it. */
async function cached<Facts>(
  { cache, policy }: SdistTools,
  key: unknown,
  schema: z.ZodType<Facts>,
  find: () => Promise<Facts>,
): Promise<Facts> {
  const entry = { cache, key, schema };
  return policy.sandbox === 'off' ? ((await recall(entry)) ?? find()) : remember(entry, find);
}

/** An sdist, unpacked when it is needed first, and the calls of its build backend. */
class SdistInspection {
  #work: Promise<string> | undefined;
  readonly #subject: string;

  constructor(
    private readonly tools: SdistTools,
    private readonly request: SdistRequest,
  ) {
    this.#subject = subjectOf(request);
  }

  async readDeclared(): Promise<z.infer<typeof DECLARED>> {
    const tree = join(await this.#unpacked(), 'source');
    return {
      system: await readBuildSystem(tree),
      dependencies: (await readStaticDependencies(tree)) ?? null,
      identity: (await readStaticIdentity(tree)) ?? null,
      compiles: await hasExtensions(tree),
    };
  }

  async askRequires(system: BuildSystem, locked: BuildRequirement[]): Promise<string[]> {
    const isolation = this.tools.policy.sandbox === 'on' ? ', isolated and offline' : '';
    this.tools.progress(`${this.#subject}: running the build backend of its sdist${isolation}`);
    const build = await this.#prepare(system, locked);
    const result = await callHook(build, 'get_requires_for_build_wheel', () => ({}), true);
    if (result.failed) throw hookFailed(this.request, build, 'its build requirements', result);
    const added = REQUIREMENTS.safeParse(result.answer);
    if (!added.success) throw hookFailed(this.request, build, 'its build requirements', result);
    return added.data ?? [];
  }

  async prepareMetadata(system: BuildSystem, locked: BuildRequirement[]): Promise<z.infer<typeof METADATA>> {
    this.tools.progress(`${this.#subject}: its metadata are dynamic; running its build backend`);
    const build = await this.#prepare(system, locked);
    const { work } = build.folders;
    const argumentsOf = (folders: { work: string }) => ({ metadata_directory: join(folders.work, 'out') });
    const result = await callHook(build, 'prepare_metadata_for_build_wheel', argumentsOf, true);
    if (result.failed || typeof result.answer !== 'string')
      throw hookFailed(this.request, build, 'its metadata', result);
    const [folder = ''] = (await readdir(join(work, 'out'))).filter((entry) => entry.endsWith('.dist-info'));
    const metadata = parseMetadata(await readBuiltFile(work, 'out', folder, 'METADATA'));
    const { requiresDist, requiresPython, name, version } = metadata;
    const python = requiresPython === undefined ? {} : { requiresPython };
    return { requiresDist: [...requiresDist], ...python, identity: { name, version } };
  }

  async end(): Promise<void> {
    const work = await this.#work?.catch(() => undefined);
    if (work !== undefined) await removeWorkFolder(work);
  }

  /** The work folder; the source tree is `source` in it. */
  #unpacked(): Promise<string> {
    this.#work ??= this.#unpack();
    return this.#work;
  }

  async #unpack(): Promise<string> {
    const { name, sdist, settings } = this.request;
    const work = await mkdtemp(join(tmpdir(), 'pinpack-sdist-'));
    try {
      const archive = join(work, sdist.name);
      await this.tools.index.download(name, sdist, archive);
      await unpackSdist(archive, join(work, 'source'), this.tools.policy.limits);
      await applyPatches(this.tools.root, settings.patches, join(work, 'source'));
      return work;
    } catch (error) {
      await removeWorkFolder(work);
      throw error;
    }
  }

  async #prepare(system: BuildSystem, locked: BuildRequirement[]): Promise<PreparedBuild> {
    const { uv, index, cache, progress, policy } = this.tools;
    const builder: Builder = this.tools.builder ?? {
      interpreter: await findInterpreter(uv, this.request.target.python),
    };
    if (policy.sandbox === 'off') progress(unsandboxedWarning(this.#subject));
    const work = await this.#unpacked();
    const environments = new BuildEnvironments(uv, join(cache, 'environments'));
    const environment = await environments.get(builder, locked, async ({ name, wheel }, path) => {
      await index.download(name, wheel, path);
    });
    const { root } = builder;
    return { folders: { work, environment }, system, recipe: this.request.settings, policy, root };
  }
}

function subjectOf({ name, version }: SdistRequest): string {
  return version === '' ? name : `${name} ${version}`;
}

function hookFailed(
  request: SdistRequest,
  { policy }: PreparedBuild,
  what: string,
  { output, exceeded }: HookResult,
): Error {
  if (exceeded !== undefined) return limitReached(subjectOf(request), policy.limits, exceeded, { output });
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const { name, sdist } = request;
  const needsHistory =
    sdist.origin?.kind === 'git' && /setuptools[-_]scm|hatch[-_]vcs|\bpbr\b|versioneer/i.test(output);
  return distError(subjectOf(request), 'DIST_SOURCE_BACKEND_FAILED', [
    `the build backend of its sdist could not determine ${what}`,
    ...[limitCause(output) ?? []].flat(),
    ...lines.slice(-SHOWN_LINES),
    ...(needsHistory
      ? [
          `Its version comes from the history of git, which a build does not have. State it in reqset.json: "build": {"${name}": {"environment": {"SETUPTOOLS_SCM_PRETEND_VERSION": "1.0"}}}; for pbr: PBR_VERSION.`,
        ]
      : [`Set what it needs in reqset.json, "build": {"${name}": …}, or pin a version that has a wheel.`]),
  ]);
}
