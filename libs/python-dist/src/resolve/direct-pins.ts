// Reads the distributions that are required by a path, a URL or a repository: fetches each once, and finds out its version and dependencies.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DistError, distError } from '../dist-error.js';
import { EMPTY_RECIPE } from '../lock/build-recipe.js';
import type { LockInputs } from '../lock/inputs.js';
import type { Lock } from '../lock/lock.js';
import type { FileOrigin, WheelFile } from '../names/distribution-file.js';
import { normalizeName } from '../names/normalize-name.js';
import { findCommit, packCommit } from '../origin/git-source.js';
import { parseRequirement } from '../requirements/requirement.js';
import { holdingMarkers } from '../uv/evaluate.js';
import { openWheel } from '../wheel/wheel.js';
import type { BuildResolver } from './build-requirements.js';
import { refuseBuilds } from './check-target.js';
import { allRequirements, directRequirements, type DirectRequirement } from './direct-requirements.js';
import type { LockOptions } from './lock-options.js';
import type { PrebuiltPin } from './prebuilt.js';
import type { SourcePin } from './resolve-pins.js';
import { readSdistFacts, type SdistTools } from './sdist-facts.js';

export interface DirectPins {
  wheels: PrebuiltPin[];
  sources: SourcePin[];
}

interface DirectRequest {
  subject: string;
  inputs: LockInputs;
  options: LockOptions;
}

/**
 * @param folder - for downloads; the caller removes it after the resolution
 * @throws DistError `DIST_RESOLVE_URL`, `DIST_GIT_*`, `DIST_INDEX_*`, `DIST_SOURCE_*`, `DIST_WHEEL_*`
 */
export async function readDirectPins(
  tools: SdistTools,
  builds: BuildResolver,
  request: DirectRequest,
  folder: string,
): Promise<DirectPins> {
  const { subject, inputs } = request;
  const all = directRequirements(subject, await activeOnly(tools, inputs));
  const pins: DirectPins = { wheels: [], sources: [] };
  for (const line of all) {
    const own = await mkdtemp(join(folder, 'direct-'));
    const file = await locate(tools, request, line, own);
    if (file.name.endsWith('.whl')) pins.wheels.push(await readWheel(tools, line, file, join(own, file.name)));
    else pins.sources.push(await readSource(tools, builds, request, { line, file }));
  }
  return pins;
}

async function activeOnly({ uv }: SdistTools, inputs: LockInputs): Promise<ReturnType<typeof allRequirements>> {
  const all = allRequirements(inputs).filter(({ text }) => parseRequirement(text).url !== undefined);
  const markers = all.flatMap(({ text }) => parseRequirement(text).marker ?? []);
  const holding = await holdingMarkers(uv, inputs.target, [...new Set(markers)], []);
  return all.filter(({ text }) => {
    const { marker } = parseRequirement(text);
    return marker === undefined || holding.has(marker);
  });
}

/** The file with its digest. A wheel, and an archive that is not known from the previous lock, is written to the folder. */
async function locate(
  tools: SdistTools,
  request: DirectRequest,
  line: DirectRequirement,
  folder: string,
): Promise<WheelFile> {
  const { url } = line;
  if (/^git\+/i.test(url)) return locateCommit(tools, request, line, folder);
  const [, location = url, , expected] = /^([^#]*)(#sha256=(.*))?$/s.exec(url) ?? [];
  const isLocal = location.startsWith('file:');
  const path = location.slice('file:'.length);
  const name = isLocal ? basename(path) : decodeURIComponent(new URL(location).pathname.split('/').at(-1) ?? '');
  const destination = join(folder, name);
  const origin: FileOrigin = isLocal ? { kind: 'path', path } : { kind: 'url', url: location };
  if (!isLocal) tools.progress(`downloading ${name}`);
  const found = isLocal
    ? await measureLocal(tools.root, path, destination)
    : await download(tools, line, location, destination);
  checkDigest(line, { ...found, name }, expected, keptFile(request, line.name, origin));
  return { name, ...found, origin };
}

async function download(
  { index }: SdistTools,
  { place, name }: DirectRequirement,
  url: string,
  destination: string,
): Promise<{ size: number; sha256: string }> {
  try {
    return await index.downloadUrl(url, destination);
  } catch (error) {
    if (!(error instanceof DistError)) throw error;
    const lines = [
      `${name} cannot be downloaded: ${error.message.split('\n')[0] ?? ''}`,
      'Check the URL, the network and the proxy (HTTPS_PROXY). Credentials belong in ~/.netrc.',
    ];
    throw distError(place, error.code, lines, { cause: error });
  }
}

async function measureLocal(
  root: string,
  path: string,
  destination: string,
): Promise<{ size: number; sha256: string }> {
  const { copyFile } = await import('node:fs/promises');
  await copyFile(join(root, path), destination);
  const { size } = await stat(destination);
  return { size, sha256: await digestOf(destination) };
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Without a digest in the URL, the one of the previous lock holds until the pin is upgraded. */
function checkDigest(
  { place, name, hashes }: DirectRequirement,
  found: WheelFile,
  expected: string | undefined,
  kept: WheelFile | undefined,
): void {
  const allowed = [...(expected === undefined ? [] : [expected]), ...(hashes ?? [])];
  if (allowed.length > 0 && !allowed.includes(found.sha256)) {
    throw distError(place, 'DIST_RESOLVE_URL', [
      `${found.name} does not have the digest of the requirement`,
      `expected sha256=${allowed.join(' or ')}, found sha256=${found.sha256}`,
      'Find out why the file changed before you change the digest.',
    ]);
  }
  if (allowed.length > 0 || kept === undefined || kept.origin?.kind !== 'url' || kept.sha256 === found.sha256) return;
  throw distError(place, 'DIST_RESOLVE_URL', [
    `${found.name} was replaced at its URL since it was locked`,
    `locked sha256=${kept.sha256}, found sha256=${found.sha256}`,
    `If that is right, lock with --upgrade-package ${name}, and write #sha256=… after the URL.`,
  ]);
}

/** The file in the previous lock, unless the pin is to be upgraded. */
function keptFile({ options }: DirectRequest, name: string, origin: FileOrigin): WheelFile | undefined {
  const { previous, upgrade = [] } = options;
  if (upgrade === 'all' || upgrade.includes(name)) return undefined;
  const file = fileOf(previous, name);
  return file?.origin !== undefined && isSameOrigin(file.origin, origin) ? file : undefined;
}

function fileOf(lock: Lock | undefined, name: string): WheelFile | undefined {
  const source = lock?.packages.find((locked) => locked.name === name)?.source;
  if (source === undefined) return undefined;
  return 'wheel' in source ? source.wheel : source.kind === 'sdist' ? source.sdist : undefined;
}

/** A branch stays at the commit that was locked. */
function isSameOrigin(a: FileOrigin, b: FileOrigin): boolean {
  if (a.kind === 'git' && b.kind === 'git')
    return a.url === b.url && a.requested === b.requested && a.subdirectory === b.subdirectory;
  return JSON.stringify(a) === JSON.stringify(b);
}

async function locateCommit(
  tools: SdistTools,
  request: DirectRequest,
  { name, url }: DirectRequirement,
  folder: string,
): Promise<WheelFile> {
  const asked = parseGitUrl(url);
  const kept = keptFile(request, name, { kind: 'git', commit: '', ...asked });
  if (kept !== undefined) return kept;
  tools.progress(`${name}: reading ${asked.url}`);
  const commit = await findCommit(name, asked.url, asked.requested);
  const origin = { kind: 'git' as const, commit, ...asked };
  const archive = join(folder, 'commit.tar.gz');
  await packCommit(name, origin, archive);
  const { size } = await stat(archive);
  const sha256 = await digestOf(archive);
  await rm(archive);
  return { name: `${name.replaceAll('-', '_')}.tar.gz`, size, sha256, origin };
}

/** @param url - `git+https://host/repository@revision#subdirectory=folder` */
function parseGitUrl(url: string): { url: string; requested?: string; subdirectory?: string } {
  const [, location = '', , subdirectory] = /^git\+([^#]*)(#subdirectory=(.*))?$/is.exec(url) ?? [];
  // A user name may precede the host.
  const [, repository = location, requested] = /^([a-z]+:\/\/[^/]*\/.*)@([^@]+)$/is.exec(location) ?? [];
  return {
    url: repository,
    ...(requested !== undefined && { requested }),
    ...(subdirectory !== undefined && { subdirectory }),
  };
}

async function readWheel(
  tools: SdistTools,
  line: DirectRequirement,
  wheel: WheelFile,
  file: string,
): Promise<PrebuiltPin> {
  const opened = await openWheel(file, tools.index.limits);
  opened.close();
  checkName(line, opened.identity.name, wheel.name);
  const { origin, ...rest } = wheel;
  const { version, requiresDist } = opened.metadata;
  const common = { name: opened.identity.name, version, requiresDist: [...requiresDist], file };
  return origin?.kind === 'path' ? { ...common, wheel: rest, path: origin.path } : { ...common, wheel };
}

function checkName({ place, name }: DirectRequirement, found: string, file: string): void {
  if (normalizeName(found) === name) return;
  throw distError(place, 'DIST_RESOLVE_URL', [
    `${file} is a distribution of ${normalizeName(found)}, expected ${name}`,
    `Write the name ${normalizeName(found)} in the requirement.`,
  ]);
}

async function readSource(
  tools: SdistTools,
  builds: BuildResolver,
  { subject, inputs }: DirectRequest,
  { line, file }: { line: DirectRequirement; file: WheelFile },
): Promise<SourcePin> {
  const { name } = line;
  refuseBuilds(subject, inputs.target, [`${name} has to be built`]);
  const settings = inputs.builds?.[name] ?? { ...EMPTY_RECIPE, isForced: false, requires: [] };
  const { target } = inputs;
  const facts = await readSdistFacts(tools, builds, {
    ...{ name, version: '', sdist: file, settings, target, constraints: [] },
    readsIdentity: true,
  });
  const { identity = { name, version: '' }, ...dependencies } = facts;
  checkName(line, identity.name, line.url);
  const { version } = identity;
  const sdist =
    file.origin?.kind === 'git' ? { ...file, name: `${name.replaceAll('-', '_')}-${version}.tar.gz` } : file;
  return { ...dependencies, name, version, sdist, settings };
}
