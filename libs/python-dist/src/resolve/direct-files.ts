// Finds the files that requirements name by a path, a URL or a repository, and their digests.
import { copyFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { DistError, distError } from '../dist-error.js';
import type { Lock } from '../lock/lock.js';
import type { FileOrigin, WheelFile } from '../names/distribution-file.js';
import { findCommit, packCommit } from '../origin/git-source.js';
import type { DirectRequirement } from './direct-requirements.js';
import type { LockOptions } from './lock-options.js';
import type { SdistTools } from './sdist-facts.js';

interface DirectRequest {
  options: LockOptions;
}

/** The file with its digest: that of the previous lock, unless the pin is upgraded. Another file is downloaded to the folder. */
export async function locate(
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
  const kept = keptFile(request, line.name, origin);
  const allowed = [...(expected === undefined ? [] : [expected]), ...(line.hashes ?? [])];
  if (!isLocal && kept !== undefined && (allowed.length === 0 || allowed.includes(kept.sha256))) return kept;
  if (!isLocal) tools.progress(`downloading ${name}`);
  const found = isLocal
    ? await measureLocal(tools.root, path, destination)
    : await download(tools, line, location, destination);
  checkDigest(line, { ...found, name }, allowed);
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
  await copyFile(join(root, path), destination);
  const { size } = await stat(destination);
  return { size, sha256: await sha256OfFile(destination) };
}

function checkDigest({ place }: DirectRequirement, found: WheelFile, allowed: readonly string[]): void {
  if (allowed.length === 0 || allowed.includes(found.sha256)) return;
  throw distError(place, 'DIST_RESOLVE_URL', [
    `${found.name} does not have the digest of the requirement`,
    `expected sha256=${allowed.join(' or ')}, found sha256=${found.sha256}`,
    'Find out why the file changed before you change the digest.',
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
  const sha256 = await sha256OfFile(archive);
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
