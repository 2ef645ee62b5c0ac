// Locks the sources that have to be built, with their build requirements.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { SourceTree } from '../lock/inputs.js';
import type { BuildRequirement, Lock, LockedPackage } from '../lock/lock.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import { apiDigest } from '../build/api-digest.js';
import { nameOf } from '../build/build-names.js';
import { satisfies } from '../pep440/specifier.js';
import { parseVersion } from '../pep440/version.js';
import type { BuildResolver } from './build-requirements.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { takeBuildRequirements, type PinnedWheel } from './pinned-build-requirements.js';
import { remember } from './remember.js';
import type { SourcePin } from './source-pin.js';
import type { SdistTools } from './sdist-facts.js';

export type Located = Pick<LockedPackage, 'name' | 'version' | 'source'>;

export interface BuildsToLock {
  trees: readonly SourceTree[];
  sdists: readonly SourcePin[];
  /** All pins but source trees. */
  pins: readonly Pick<LockedPackage, 'name' | 'version'>[];
  previous: Lock | undefined;
  /** All pins with wheels, from which build requirements are taken, if uv does not resolve for the target. */
  pinned?: { target: TargetEnvironment; pins: readonly PinnedWheel[] };
}

interface Build {
  name: string;
  subject: string;
  requires: string[];
  /** Names that the reqset's pins do not constrain. */
  free: string[];
}

/** @throws DistError `DIST_RESOLVE_*`, `DIST_INDEX_*` */
export async function lockBuilds(tools: SdistTools, builds: BuildResolver, request: BuildsToLock): Promise<Located[]> {
  const lock = (build: Build) => lockRequirements(tools, builds, request, build);
  const ofTrees = request.trees.map(async ({ name: written, version, path, buildRequires: requires }) => {
    const name = normalizeName(written);
    const buildRequires = await lock({ name, subject: `${path}/pyproject.toml [build-system]`, requires, free: [] });
    return { name, version, source: { kind: 'directory' as const, path, buildRequires } };
  });
  const ofSdists = request.sdists.map(async ({ name, version, sdist, settings, buildRequires: requires }) => {
    // Build requirements of reqset.json override the reqset's pins.
    const free = settings.requires.map(nameOf);
    const buildRequires = await lock({ name, subject: `${name} ${version} [build-system]`, requires, free });
    const { environment, configSettings, patches, system } = settings;
    const recipe = { environment, configSettings, patches, system };
    return { name, version, source: { kind: 'sdist' as const, sdist, buildRequires, recipe } };
  });
  return Promise.all([...ofTrees, ...ofSdists]);
}

async function lockRequirements(
  tools: SdistTools,
  builds: BuildResolver,
  { pins, previous, pinned: taken }: BuildsToLock,
  { name, subject, requires, free }: Build,
): Promise<BuildRequirement[]> {
  const source = previous?.packages.find((pin) => pin.name === name)?.source;
  const before = source !== undefined && 'buildRequires' in source ? source.buildRequires : [];
  const given = pins.filter((pin) => !free.includes(pin.name));
  const constraints = given.map((pin) => `${pin.name}==${pin.version}`);
  const resolved = await (taken === undefined
    ? builds.resolve({ subject, requires, constraints, before })
    : takeBuildRequirements(tools.uv, { subject, requires, ...taken }));
  const pinned = new Set(given.map((pin) => pin.name));
  return Promise.all(
    resolved.map(async (needed) => {
      if (!pinned.has(needed.name)) return needed;
      const withApi = await addApi(tools, needed);
      return sameForCompilers(withApi, before, requires) ?? withApi;
    }),
  );
}

const API_FACTS = z.object({ api: z.string().optional() });

/** Adds the digest of what the pin offers to compilers, if it offers anything. */
async function addApi({ index, cache }: SdistTools, needed: BuildRequirement): Promise<BuildRequirement> {
  const { api } = await remember({ cache, key: ['api', needed.wheel.sha256], schema: API_FACTS }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-api-'));
    try {
      const path = join(folder, needed.wheel.name);
      await index.download(needed.name, needed.wheel, path);
      return { api: await apiDigest(path) };
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  return { ...needed, ...(api !== undefined && { api }) };
}

/**
 * The previous build requirement, if it offers the same files to compilers: then a rebuild is not needed, and the lock keeps the version that the
 * wheel was built with.
 */
function sameForCompilers(
  { name, api }: BuildRequirement,
  before: readonly BuildRequirement[],
  requires: readonly string[],
): BuildRequirement | undefined {
  const was = before.find((requirement) => requirement.name === name);
  if (was === undefined || api === undefined || was.api !== api) return undefined;
  const lines = requires.map(parseRequirement).filter((line) => normalizeName(line.name) === name);
  return lines.every(({ specifiers }) => satisfies(parseVersion(was.version), [...specifiers])) ? was : undefined;
}
