// `lock`: from a reqset's requirements and applications to the lock, in four steps: resolve, choose wheels, read their metadata, find the edges.
import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { distError, issue, throwIssues, type DistIssue } from '../dist-error.js';
import type { IndexClient } from '../index-client/client.js';
import { closureOf } from '../lock/closure.js';
import type { ForeignLock } from '../lock/foreign/foreign-lock.js';
import { inputsDigest, type LockInputs, type SourceTree, type WrittenRequirement } from '../lock/inputs.js';
import type { BuildRequirement, Lock, LockedPackage, WheelFile } from '../lock/pylock.js';
import { withReleases } from '../lock/releases.js';
import { parseMetadata } from '../metadata.js';
import { normalizeName } from '../normalize-name.js';
import { parseRequirement } from '../requirement.js';
import { openWheel } from '../wheel.js';
import { allowedFiles, restrictFiles } from './allowed-files.js';
import { compileRequirements, ResolutionError, type Resolved } from './compile.js';
import { activeRequirements, chooseWheels, type ActiveRequirements, type TargetEnvironment } from './evaluate.js';
import { refuseDirectUrls } from './direct-urls.js';
import { closureIssues, findWheels, readForeignPins } from './import-pins.js';
import { diagnosePins, type WrittenPin } from './diagnose.js';
import type { Uv } from './uv.js';

const DOWNLOADS_AT_ONCE = 8;

/** The programs and services that locking needs, and where it tells how far it is. */
export interface LockTools {
  uv: Uv;
  index: IndexClient;
  progress: (message: string) => void;
}

/** What a lock is made with, beside its inputs. */
export interface LockOptions {
  /** The lock that is there: its versions stay where they still satisfy the requirements, and what stays the same keeps its release. */
  previous?: Lock | undefined;
  /** Of what newer versions are taken all the same: of every pin, or of those with these PEP 503 names. */
  upgrade?: 'all' | readonly string[];
  /** Files that were uploaded later don't exist: `2026-03-31`, or a timestamp (RFC 3339). */
  excludeNewer?: string | undefined;
  /** A lock that another tool made: its versions and files are taken, and nothing is resolved. */
  imported?: ForeignLock | undefined;
}

const NOTHING: ActiveRequirements = { extras: [], requires: [], dependencies: [] };

interface Chosen {
  name: string;
  version: string;
  wheel: WheelFile & { url: string };
}

/**
 * @param subject - the reqset, for messages
 * @throws DistError `RESOLVE_FAILED`, `RESOLVE_STOPPED`, `RESOLVE_NO_PROJECT`, `RESOLVE_NO_VERSION`, `RESOLVE_NO_WHEEL`, `INDEX_*`
 */
export async function lockReqset(
  subject: string,
  inputs: LockInputs,
  tools: LockTools,
  options: LockOptions = {},
): Promise<Lock> {
  refuseDirectUrls(subject, inputs);
  const { target, sources } = inputs;
  const roots = [
    ...inputs.requirements.map(({ text }) => text),
    ...sources.flatMap(({ dependencies }) => dependencies),
  ];
  const own = new Set(sources.map(({ name }) => normalizeName(name)));
  const foreign = options.imported && (await readForeignPins(subject, options.imported, target, tools.uv, own));
  tools.progress(
    foreign === undefined ? resolving(roots.length, options) : `taking ${foreign.length} pins of the other lock`,
  );
  const allowed = allowedFiles([...inputs.requirements, ...(inputs.constraints ?? [])], foreign);
  const found = foreign
    ? await findWheels(foreign, tools.index)
    : await resolve(tools, subject, inputs, roots, options);
  const chosen = await choose(tools, subject, restrictFiles(subject, found, allowed), target);
  // Once more, for the files that only tell their digest when they are read.
  restrictFiles(
    subject,
    chosen.map((pin) => ({ ...pin, wheels: [pin.wheel] })),
    allowed,
  );
  tools.progress(`reading the metadata of ${chosen.length} wheels`);
  const requiresDist = await readRequiresDist(tools.index, chosen);
  for (const { name, dependencies } of sources) requiresDist[normalizeName(name)] = dependencies;
  // The reqset itself, which has no name, requires its roots.
  requiresDist[''] = roots;
  const edges = await activeRequirements(
    tools.uv,
    target,
    [...roots, ...sources.map(({ name }) => name)],
    requiresDist,
  );
  const pins = foreign ? keepRequired(subject, inputs, edges, chosen, tools) : chosen;
  const located: Pick<LockedPackage, 'name' | 'version' | 'source'>[] = [
    ...pins.map(({ name, version, wheel }) => ({
      name,
      version,
      source: { kind: 'wheel' as const, wheel: file(wheel) },
    })),
    ...(await lockSources(tools, sources, pins, target, options)),
  ];
  const packages = located.map((pin) => ({
    ...pin,
    release: 1,
    ...(edges[pin.name] ?? NOTHING),
  }));
  packages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const applications = (inputs.applications ?? []).map(({ name, library, tools: needed }) => ({
    name,
    release: 1,
    library: normalizeName(library),
    tools: [...needed].sort(),
  }));
  applications.sort((a, b) => (a.name < b.name ? -1 : 1));
  const identity = { python: target.python, platform: target.platform, bytecode: inputs.bytecode ?? false };
  return withReleases({ ...identity, inputsSha256: inputsDigest(inputs), packages, applications }, options.previous);
}

function resolving(count: number, { excludeNewer }: LockOptions): string {
  return `resolving ${count} requirements${excludeNewer === undefined ? '' : ` with files of ${excludeNewer} and before`}`;
}

/** Of imported pins, those that something requires; throws where a requirement is not met. */
function keepRequired(
  subject: string,
  { sources, constraints = [] }: LockInputs,
  edges: Record<string, ActiveRequirements>,
  chosen: Chosen[],
  { progress }: LockTools,
): Chosen[] {
  const own = sources.map(({ name, version }) => ({ name: normalizeName(name), version }));
  const all = [...chosen, ...own].map((pin) => ({ ...pin, ...(edges[pin.name] ?? NOTHING) }));
  const roots = [...(edges[''] ?? NOTHING).dependencies, ...own.map(({ name }) => name)];
  const required = closureOf(all, roots);
  const names = new Set(required.map(({ name }) => name));
  const unused = chosen.filter(({ name }) => !names.has(name)).map(({ name, version }) => `${name} ${version}`);
  if (unused.length > 0) progress(`left out, since nothing requires them: ${unused.join(', ')}`);
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

async function resolve(
  tools: LockTools,
  subject: string,
  { requirements, constraints = [], target }: LockInputs,
  roots: string[],
  { excludeNewer, ...options }: LockOptions,
): Promise<Resolved[]> {
  try {
    return await compileRequirements(tools.uv, subject, roots, target, {
      constraints: constraints.map(({ text }) => text),
      preferences: keptVersions(options, options.previous?.packages ?? []),
      ...(excludeNewer !== undefined && { excludeNewer }),
    });
  } catch (error) {
    if (!(error instanceof ResolutionError)) throw error;
    const pins = [...requirements, ...constraints].flatMap(exactPin);
    throwIssues(subject, await diagnosePins(pins, target, tools.uv, tools.index));
    // Each pin can be had alone: uv's explanation says which of them conflict, and these lines where they stand.
    const named = pins.filter(({ name }) => new RegExp(`\\b${name}\\b`, 'i').test(error.explanation));
    const places = named.map(({ place = '', name, version }) => `${place}: ${name}==${version}`);
    throw distError(subject, 'RESOLVE_CONFLICT', ['these pins conflict', ...places, error.explanation], {
      cause: error,
    });
  }
}

/** Of what was locked, the versions that are to stay. */
function keptVersions<Pin extends { name: string; version: string }>(
  { upgrade = [] }: LockOptions,
  locked: readonly Pin[],
): Pin[] {
  return upgrade === 'all' ? [] : locked.filter(({ name }) => !upgrade.includes(name));
}

function exactPin({ text, place }: WrittenRequirement): WrittenPin[] {
  const { name, specifiers } = parseRequirement(text);
  const [only] = specifiers;
  const isExact = specifiers.length === 1 && only?.operator === '==' && !only.wildcard;
  return isExact ? [{ name: normalizeName(name), version: only.version, place }] : [];
}

/** The one wheel of each distribution that pip would take on the target. */
async function choose(
  tools: LockTools,
  subject: string,
  resolved: Resolved[],
  target: TargetEnvironment,
): Promise<Chosen[]> {
  const candidates = Object.fromEntries(resolved.map(({ name, wheels }) => [name, wheels.map((wheel) => wheel.name)]));
  const best = await chooseWheels(tools.uv, target, candidates);
  const chosen = resolved.map(({ name, version, wheels }) => ({
    name,
    version,
    wheel: wheels.find((wheel) => wheel.name === best[name]),
  }));
  const without = chosen.filter(({ wheel }) => wheel === undefined);
  throwIssues(subject, without.length > 0 ? await diagnosePins(without, target, tools.uv, tools.index) : []);
  throwIssues(subject, without.map(onlyOtherFiles));
  return Promise.all(
    chosen.map(async ({ name, version, wheel }) => ({
      name,
      version,
      wheel: await withSize(tools.index, name, wheel as Chosen['wheel']),
    })),
  );
}

/** The index has a wheel that fits, and it is not among the files that may be taken. */
function onlyOtherFiles({ name, version }: WrittenPin): DistIssue {
  return issue(
    'RESOLVE_NO_WHEEL',
    `${name}==${version}: none of the wheels that may be taken fits the target`,
    'Write the hash of one that fits beside the others.',
  );
}

/** Not every index tells sizes and digests on its page: then the file itself does. */
async function withSize(index: IndexClient, name: string, wheel: Chosen['wheel']): Promise<Chosen['wheel']> {
  if (wheel.size > 0 && wheel.sha256 !== '') return wheel;
  return { ...wheel, ...(await index.measure(name, wheel.name)) };
}

async function readRequiresDist(index: IndexClient, pins: Chosen[]): Promise<Record<string, string[]>> {
  const limit = pLimit(DOWNLOADS_AT_ONCE);
  const read = pins.map(({ name, wheel }) => limit(async () => [name, await readOne(index, name, wheel)] as const));
  return Object.fromEntries(await Promise.all(read));
}

async function readOne(index: IndexClient, name: string, wheel: Chosen['wheel']): Promise<string[]> {
  const offered = (await index.files(name)).find((candidate) => candidate.name === wheel.name);
  const text = offered === undefined ? undefined : await index.metadata(offered);
  if (text !== undefined) return [...parseMetadata(text, `${wheel.name}.metadata`).requiresDist];
  return readFromWheel(index, name, wheel);
}

async function readFromWheel(index: IndexClient, name: string, wheel: WheelFile): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-wheel-'));
  try {
    const path = join(folder, wheel.name);
    await index.download(name, wheel, path);
    const opened = await openWheel(path);
    opened.close();
    return [...opened.metadata.requiresDist];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A source tree is built against the reqset's own pins; what else its build needs is locked beside them. */
async function lockSources(
  tools: LockTools,
  sources: SourceTree[],
  pins: Chosen[],
  target: TargetEnvironment,
  { excludeNewer, ...options }: LockOptions,
) {
  const constraints = pins.map(({ name, version }) => `${name}==${version}`);
  return Promise.all(
    sources.map(async ({ name, version, path, buildRequires: wanted }) => {
      const subject = `${path}/pyproject.toml [build-system]`;
      const locked = options.previous?.packages.find((pin) => pin.name === normalizeName(name))?.source;
      const before = locked?.kind === 'directory' ? locked.buildRequires : [];
      const resolved = await compileRequirements(tools.uv, subject, wanted, target, {
        constraints,
        preferences: keptVersions(options, before),
        ...(excludeNewer !== undefined && { excludeNewer }),
      });
      const buildRequires = (await choose(tools, subject, resolved, target)).map((chosen): BuildRequirement => ({
        name: chosen.name,
        version: chosen.version,
        wheel: file(chosen.wheel),
      }));
      return { name: normalizeName(name), version, source: { kind: 'directory' as const, path, buildRequires } };
    }),
  );
}

function file({ name, size, sha256 }: WheelFile): WheelFile {
  return { name, size, sha256 };
}
