// Locks a reqset in four steps: resolve, choose wheels, read their metadata, determine the edges.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildPolicy } from '../build/build-policy.js';
import type { BuildRoot } from '../build/build-root.js';
import { throwIssues } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { closureOf } from '../lock/closure.js';
import type { LockInputs, WrittenRequirement } from '../lock/inputs.js';
import type { ForeignPin } from '../lock/foreign/foreign-lock.js';
import type { Lock, LockedPackage } from '../lock/lock.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import { withActiveTrees } from './active-trees.js';
import { allowedFiles, restrictFiles } from './allowed-files.js';
import { BuildResolver } from './build-requirements.js';
import { checkPython, isResolvable, refuseOldPython } from './check-target.js';
import { choose, lockedFile } from './chosen.js';
import type { Resolved } from './compile.js';
import { composeLock } from './compose-lock.js';
import type { ActiveRequirements } from '../uv/evaluate.js';
import { readDirectPins } from './direct-pins.js';
import { allRequirements, forResolver, treeIssues, versionIssues } from './direct-requirements.js';
import { findEdges, gatherRequirements, ROOT, type PinsOfLock } from './find-edges.js';
import { closureIssues, findWheels, readForeignPins } from './import-pins.js';
import { builderTarget, checkCompiled, openBuilder, type BuilderTools } from './lock-builder.js';
import type { LockOptions } from './lock-options.js';
import { lockBuilds, type Located } from './lock-builds.js';
import { withTimes } from './upload-times.js';
import { findYanked } from './yanked.js';
import type { MetadataTools } from './requires-dist.js';
import { reportWaits } from './report-waits.js';
import { attemptOf, resolvePins, takePins } from './resolve-pins.js';
import type { DirectPins } from './source-pin.js';
import type { Uv } from '../uv/uv.js';

/** Programs and services for locking, and the progress output. */
export interface LockTools extends Pick<MetadataTools, 'onLicense' | 'onMetadata'> {
  uv: Uv;
  index: IndexClient;
  progress: (message: string) => void;
  /** The workspace's root. */
  root: string;
  /** The user's cache folder. */
  cache: string;
  /** How build backends of sdists run. */
  policy: BuildPolicy;
  /** The root that source pins are built in; absent for this machine. */
  buildRoot?: BuildRoot | undefined;
}

const NOTHING: ActiveRequirements = { extras: [], requires: [], dependencies: [] };

type Version = Pick<LockedPackage, 'name' | 'version'>;

/**
 * @param subject - the reqset, for messages
 * @throws DistError `DIST_RESOLVE_FAILED`, `DIST_RESOLVE_STOPPED`, `DIST_RESOLVE_NO_PROJECT`, `DIST_RESOLVE_NO_VERSION`, `DIST_RESOLVE_NO_WHEEL`, `DIST_INDEX_*`
 */
export function lockReqset(
  subject: string,
  inputs: LockInputs,
  tools: LockTools,
  options: LockOptions = {},
): Promise<Lock> {
  return reportWaits(tools, async () => {
    const builder = await openBuilder(tools, inputs.target);
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-direct-'));
    try {
      const assigned = { ...tools, builder, index: tools.index.assigning(inputs.indexes) };
      return await lockInputs(subject, inputs, assigned, { options, folder });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

type OpenTools = LockTools & BuilderTools;

interface Locking {
  /** The reqset, for messages. */
  subject: string;
  /** Without the source trees that are not active. */
  inputs: LockInputs;
  tools: OpenTools;
  options: LockOptions;
  builds: BuildResolver;
  /** Pins of the lock to import. */
  foreign: readonly ForeignPin[] | undefined;
}

/** @param folder - for downloads */
async function lockInputs(
  subject: string,
  given: LockInputs,
  tools: OpenTools,
  { options, folder }: { options: LockOptions; folder: string },
): Promise<Lock> {
  const inputs = await withActiveTrees(tools.uv, given);
  const { target, sources } = inputs;
  throwIssues(subject, treeIssues(allRequirements(inputs), sources));
  refuseOldPython(subject, target, options.imported !== undefined);
  const own = new Set(sources.map(({ name }) => normalizeName(name)));
  const foreign = options.imported && (await readForeignPins(subject, options.imported, target, tools.uv, own));
  const builds = new BuildResolver(tools, builderTarget(tools, target), options);
  const locking: Locking = { subject, inputs, tools, options, builds, foreign };
  await announce(locking);
  const direct = await readDirectPins(tools, builds, { subject, inputs, options }, folder);
  const versions = new Map([...direct.wheels, ...direct.sources].map(({ name, version }) => [name, version]));
  const found = await findPins(locking, direct, (text) => forResolver(text, versions, own));
  await warnOfYanked(tools, found);
  tools.progress(`reading the metadata of ${found.chosen.length} wheels`);
  const requirements = await gatherRequirements(tools, inputs, found);
  const all: Version[] = [...found.chosen, ...found.sources, ...found.prebuilt];
  const [edges, early] = await Promise.all([
    findEdges(tools.uv, inputs, requirements),
    // Only imported pins may turn out not to be required.
    foreign === undefined ? lockBuilt(locking, found, all) : undefined,
  ]);
  throwIssues(subject, versionIssues(edges, versions));
  const pins = foreign ? keepRequired(subject, inputs, edges, all, tools) : all;
  await checkCompiled(tools, { target, trees: sources, sdists: among(found.sources, pins) });
  const built = early ?? (await lockBuilt(locking, found, pins, edges));
  const buildRoot = built.length > 0 ? tools.builder?.root.digest : undefined;
  const located = [...locatedFiles(found, pins), ...built];
  const lock = composeLock({ given, edges, buildRoot, located }, options.previous);
  return withTimes(lock, tools.index, options.previous);
}

async function announce({ inputs, tools, options, foreign }: Locking): Promise<void> {
  if (foreign !== undefined) {
    tools.progress(`importing ${foreign.length} pins`);
    return;
  }
  tools.progress(resolving(allRequirements(inputs).length, options));
  const warning = await checkPython(tools.uv, inputs.target);
  if (warning !== undefined) tools.progress(`warning: ${warning}`);
}

/** @param plain - gives a requirement as uv gets it */
async function findPins(
  { subject, inputs, tools, options, builds, foreign }: Locking,
  direct: DirectPins,
  plain: (text: string) => string[],
): Promise<PinsOfLock> {
  const { target, requirements, constraints = [] } = inputs;
  const allowed = allowedFiles([...requirements, ...constraints], foreign);
  const roots = allRequirements(inputs).flatMap(({ text }) => plain(text));
  const request = { subject, inputs, roots, options, allowed, direct, plain };
  const found = foreign
    ? await takePins(tools, builds, request, await findWheels(foreign, tools.index))
    : await resolvePins(tools, builds, request);
  const attempt = foreign === undefined ? attemptOf(tools, request, found) : undefined;
  const placed = withPlaces(found.wheels, requirements);
  const chosen = await choose({ ...tools, attempt }, subject, restrictFiles(subject, placed, allowed), target);
  // Checks again, because some digests are only known after the download.
  restrictFiles(
    subject,
    chosen.map((pin) => ({ ...pin, wheels: [pin.wheel] })),
    allowed,
  );
  return { chosen, sources: found.sources, prebuilt: found.prebuilt };
}

async function warnOfYanked({ index, progress }: LockTools, { chosen, sources }: PinsOfLock): Promise<void> {
  const fromIndex = sources.filter(({ sdist }) => sdist.origin === undefined);
  for (const line of await findYanked(index, [...chosen, ...fromIndex])) progress(`warning: ${line}`);
}

/** @param edges - known for imported pins only */
function lockBuilt(
  { inputs, tools, options, builds }: Locking,
  found: PinsOfLock,
  pins: Version[],
  edges: Record<string, ActiveRequirements> = {},
) {
  const { previous } = options;
  const pinned = locatedFiles(found, pins).map((pin) => ({ ...pin, ...(edges[pin.name] ?? NOTHING) }));
  return lockBuilds(tools, builds, {
    ...{ trees: inputs.sources, sdists: among(found.sources, pins), pins, previous },
    ...(!isResolvable(inputs.target) && { pinned: { target: inputs.target, pins: pinned } }),
  });
}

function locatedFiles({ chosen, prebuilt }: PinsOfLock, pins: readonly Version[]): Located[] {
  return [
    ...among(chosen, pins).map(({ name, version, wheel }) => ({
      name,
      version,
      source: { kind: 'wheel' as const, wheel: lockedFile(wheel) },
    })),
    ...among(prebuilt, pins).map(({ name, version, path, wheel }) => ({
      name,
      version,
      source: path === undefined ? { kind: 'wheel' as const, wheel } : { kind: 'prebuilt' as const, path, wheel },
    })),
  ];
}

function among<Item extends Version>(items: readonly Item[], pins: readonly Version[]): Item[] {
  const names = new Set(pins.map(({ name }) => name));
  return items.filter(({ name }) => names.has(name));
}

/** Adds the location of the requirement, if there is one. */
function withPlaces(resolved: readonly Resolved[], requirements: readonly WrittenRequirement[]): Resolved[] {
  const lines = new Map(requirements.map((line) => [normalizeName(parseRequirement(line.text).name), line]));
  return resolved.map((pin) => {
    const line = lines.get(pin.name);
    return line === undefined ? pin : { place: line.place, text: line.text, ...pin };
  });
}

function resolving(count: number, { excludeNewer }: LockOptions): string {
  return `resolving ${count} requirements${excludeNewer === undefined ? '' : `, ignoring files uploaded after ${excludeNewer}`}`;
}

/** The imported pins that are required. Throws if a requirement is not satisfied. */
function keepRequired(
  subject: string,
  { sources, constraints = [] }: LockInputs,
  edges: Record<string, ActiveRequirements>,
  chosen: Version[],
  { progress }: LockTools,
): Version[] {
  const own = sources.map(({ name, version }) => ({ name: normalizeName(name), version }));
  const all = [...chosen, ...own].map((pin) => ({ ...pin, ...(edges[pin.name] ?? NOTHING) }));
  const roots = [...(edges[ROOT] ?? NOTHING).dependencies, ...own.map(({ name }) => name)];
  const required = closureOf(all, roots);
  const names = new Set(required.map(({ name }) => name));
  const unused = chosen.filter(({ name }) => !names.has(name)).map(({ name, version }) => `${name} ${version}`);
  if (unused.length > 0) progress(`ignored, because nothing requires them: ${unused.join(', ')}`);
  throwIssues(subject, [
    ...closureIssues([{ name: subject, requires: (edges[ROOT] ?? NOTHING).requires }, ...required], all),
    ...closureIssues(
      [
        {
          name: 'constraints.txt',
          requires: constraints
            .map(({ text }) => text)
            .filter((text) => names.has(normalizeName(parseRequirement(text).name))),
        },
      ],
      all,
    ),
  ]);
  return chosen.filter(({ name }) => names.has(name));
}
