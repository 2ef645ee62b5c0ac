// Locks a reqset in four steps: resolve, choose wheels, read their metadata, determine the edges.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildPolicy } from '../build/build-policy.js';
import { throwIssues } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { closureOf } from '../lock/closure.js';
import { inputsDigest, recordInputs, type LockInputs, type WrittenRequirement } from '../lock/inputs.js';
import type { Lock, LockedApplication, LockedPackage } from '../lock/lock.js';
import { withReleases } from '../lock/releases.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import { allowedFiles, restrictFiles } from './allowed-files.js';
import { BuildResolver } from './build-requirements.js';
import { glibcWarning } from './build-glibc.js';
import { checkPython, refuseOldPython } from './check-target.js';
import { choose, lockedFile } from './chosen.js';
import type { Resolved } from './compile.js';
import { activeRequirements, holdingMarkers, type ActiveRequirements } from '../uv/evaluate.js';
import { readDirectPins } from './direct-pins.js';
import {
  allRequirements,
  forResolver,
  localTrees,
  requiresDistOf,
  treeIssues,
  versionIssues,
} from './direct-requirements.js';
import { closureIssues, findWheels, readForeignPins } from './import-pins.js';
import type { LockOptions } from './lock-options.js';
import { lockBuilds, type Located } from './lock-builds.js';
import { findYanked } from './yanked.js';
import { readRequiresDist, type MetadataTools } from './requires-dist.js';
import { reportWaits } from './report-waits.js';
import { attemptOf, resolvePins, takePins } from './resolve-pins.js';
import type { Uv } from '../uv/uv.js';

/** Programs and services for locking, and the progress output. */
export interface LockTools extends Pick<MetadataTools, 'onLicense'> {
  uv: Uv;
  index: IndexClient;
  progress: (message: string) => void;
  /** The workspace's root. */
  root: string;
  /** The user's cache folder. */
  cache: string;
  /** How build backends of sdists run. */
  policy: BuildPolicy;
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
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-direct-'));
    try {
      const assigned = { ...tools, index: tools.index.assigning(inputs.indexes) };
      return await lockInputs(subject, inputs, assigned, { options, folder });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** @param folder - for downloads */
async function lockInputs(
  subject: string,
  given: LockInputs,
  tools: LockTools,
  { options, folder }: { options: LockOptions; folder: string },
): Promise<Lock> {
  const inputs = await withActiveTrees(tools.uv, given);
  const { target, sources } = inputs;
  const written = allRequirements(inputs);
  throwIssues(subject, treeIssues(written, sources));
  refuseOldPython(subject, inputs, options.imported !== undefined);
  const own = new Set(sources.map(({ name }) => normalizeName(name)));
  const foreign = options.imported && (await readForeignPins(subject, options.imported, target, tools.uv, own));
  tools.progress(foreign === undefined ? resolving(written.length, options) : `importing ${foreign.length} pins`);
  const allowed = allowedFiles([...inputs.requirements, ...(inputs.constraints ?? [])], foreign);
  const warning = foreign === undefined ? await checkPython(tools.uv, target) : undefined;
  if (warning !== undefined) tools.progress(`warning: ${warning}`);
  const builds = new BuildResolver(tools, target, options);
  const direct = await readDirectPins(tools, builds, { subject, inputs, options }, folder);
  const versions = new Map([...direct.wheels, ...direct.sources].map(({ name, version }) => [name, version]));
  const plain = (text: string): string[] => forResolver(text, versions, own);
  const roots = written.flatMap(({ text }) => plain(text));
  const request = { subject, inputs, roots, options, allowed, direct, plain };
  const found = foreign
    ? await takePins(tools, builds, request, await findWheels(foreign, tools.index))
    : await resolvePins(tools, builds, request);
  const placed = withPlaces(found.wheels, inputs.requirements);
  const attempt = foreign === undefined ? attemptOf(tools, request, found) : undefined;
  const chosen = await choose({ ...tools, attempt }, subject, restrictFiles(subject, placed, allowed), target);
  // Checks again, because some digests are only known after the download.
  restrictFiles(
    subject,
    chosen.map((pin) => ({ ...pin, wheels: [pin.wheel] })),
    allowed,
  );
  const fromIndex = found.sources.filter(({ sdist }) => sdist.origin === undefined);
  for (const line of await findYanked(tools.index, [...chosen, ...fromIndex])) tools.progress(`warning: ${line}`);
  tools.progress(`reading the metadata of ${chosen.length} wheels`);
  const requiresDist = await readRequiresDist(tools, chosen);
  for (const pin of [...found.sources, ...found.prebuilt]) requiresDist[pin.name] = pin.requiresDist;
  for (const source of sources) requiresDist[normalizeName(source.name)] = requiresDistOf(source);
  const applications = inputs.applications ?? [];
  // Names that no distribution can have stand for the reqset and the dependency groups of its applications.
  requiresDist[''] = written.map(({ text }) => text);
  for (const { name, groups = [] } of applications) requiresDist[`[${name}]`] = groups;
  const libraries = applications.map(({ library, extras = [] }) =>
    extras.length === 0 ? library : `${library}[${extras.join(',')}]`,
  );
  const asked = [...inputs.requirements.map(({ text }) => text), ...applications.flatMap(({ groups = [] }) => groups)];
  const required = [...asked, ...libraries, ...sources.map(({ name }) => name)];
  const all = [...chosen, ...found.sources, ...found.prebuilt];
  const build = (pins: Version[]): Promise<Located[]> =>
    lockBuilds(tools, builds, { trees: sources, sdists: among(found.sources, pins), pins, previous: options.previous });
  const [edges, early] = await Promise.all([
    activeRequirements(tools.uv, target, required, requiresDist),
    // Only imported pins may turn out not to be required.
    foreign === undefined ? build(all) : undefined,
  ]);
  throwIssues(subject, versionIssues(edges, versions));
  const pins = foreign ? keepRequired(subject, inputs, edges, all, tools) : all;
  const glibc = await glibcWarning(tools, { target, trees: sources, sdists: among(found.sources, pins) });
  if (glibc !== undefined) tools.progress(`warning: ${glibc}`);
  const located: Located[] = [
    ...among(chosen, pins).map(({ name, version, wheel }) => ({
      name,
      version,
      source: { kind: 'wheel' as const, wheel: lockedFile(wheel) },
    })),
    ...among(found.prebuilt, pins).map(({ name, version, path, wheel }) => ({
      name,
      version,
      source: path === undefined ? { kind: 'wheel' as const, wheel } : { kind: 'prebuilt' as const, path, wheel },
    })),
    ...(early ?? (await build(pins))),
  ];
  const packages = located.map((pin) => ({
    ...pin,
    release: 1,
    ...(edges[pin.name] ?? NOTHING),
    ...(isExact(inputs, pin.name) && { record: 'exact' as const }),
  }));
  packages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const lockedApplications = applications.map(({ name, library }): LockedApplication => {
    const { dependencies } = edges[`[${name}]`] ?? NOTHING;
    const groups = dependencies.length === 0 ? {} : { groups: dependencies };
    return { name, release: 1, library: normalizeName(library), ...groups };
  });
  lockedApplications.sort((a, b) => (a.name < b.name ? -1 : 1));
  const { bytecode = false, layout = 'tree', compression } = inputs;
  const { python, platform } = target;
  const overlaps = inputs.overlaps?.map((group) => [...group]);
  const identity = { python, platform, bytecode, layout, compression, ...(overlaps !== undefined && { overlaps }) };
  const recorded = { inputsSha256: inputsDigest(given), inputs: recordInputs(given) };
  const lock = { ...identity, ...recorded, packages, applications: lockedApplications };
  return withReleases(lock, options.previous);
}

/** Without the source trees that only requirements with false markers name. */
async function withActiveTrees(uv: Uv, inputs: LockInputs): Promise<LockInputs> {
  const markers = inputs.requirements.flatMap(({ text }) => parseRequirement(text).marker ?? []);
  const holding = await holdingMarkers(uv, inputs.target, [...new Set(markers)], []);
  const isActive = ({ text }: WrittenRequirement): boolean => {
    const { marker } = parseRequirement(text);
    return marker === undefined || holding.has(marker);
  };
  const named = new Set(localTrees(inputs.requirements));
  const active = new Set(localTrees(inputs.requirements.filter(isActive)));
  const libraries = new Set((inputs.applications ?? []).map(({ library }) => library));
  const sources = inputs.sources.filter(
    ({ path, name }) => !named.has(path) || active.has(path) || libraries.has(name),
  );
  return { ...inputs, sources };
}

function isExact({ records = {} }: LockInputs, name: string): boolean {
  return (records[name] ?? records['*']) === 'exact';
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
  const roots = [...(edges[''] ?? NOTHING).dependencies, ...own.map(({ name }) => name)];
  const required = closureOf(all, roots);
  const names = new Set(required.map(({ name }) => name));
  const unused = chosen.filter(({ name }) => !names.has(name)).map(({ name, version }) => `${name} ${version}`);
  if (unused.length > 0) progress(`ignored, because nothing requires them: ${unused.join(', ')}`);
  throwIssues(subject, [
    ...closureIssues([{ name: subject, requires: (edges[''] ?? NOTHING).requires }, ...required], all),
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
