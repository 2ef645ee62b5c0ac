// Writes a repository's folder atomically: creates it beside the old one, then replaces that.
import { randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, link, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { readFolder } from '@pinpack/common/read-folder';
import { walkFolder } from '@pinpack/common/walk-folder';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { writeMetadata } from './metadata.js';
import type { PublishedPatch } from './patches/patch-index.js';
import type { PublishedDelta } from './prestodelta.js';
import { formatRepositoryRecord, type Advisory } from './record.js';
import type { ReleasedPackage } from './advisories.js';
import type { Signer } from './signer.js';

/** The record of a repository's packages: see `formatRepositoryRecord`. */
export const RECORD = 'repository.json';
export const PUBLIC_KEY = 'RPM-GPG-KEY-pinpack';

/** A package, and the path of its RPM. */
export interface RepositoryPackage extends ReleasedPackage {
  rpm: { path: string };
}

export interface RepositoryRequest {
  /** Absolute; replaced as a whole. */
  folder: string;
  /** Absolute; holds the files of `deltas`. */
  deltaFolder: string;
  /** `reqset3`, `multi-py311` */
  label: string;
  vendor: string;
  signer: Signer | undefined;
  /** Seconds since 1970. */
  revision: number;
  /** Digest of everything else in the request, in hex. */
  content: string;
  packages: readonly RepositoryPackage[];
  deltas: readonly PublishedDelta[];
  /** Absolute; holds the files of `patches`. */
  patchFolder?: string;
  patches?: readonly PublishedPatch[];
  advisories: readonly Advisory[];
}

/** @throws RepoError */
export async function writeRepository(request: RepositoryRequest): Promise<void> {
  const { folder } = request;
  await removeLeftovers(folder);
  const next = besides(folder, 'next');
  try {
    await fill(next, request);
    await replaceFolder(folder, next);
  } finally {
    await rm(next, { recursive: true, force: true });
  }
}

/** There is no one call that replaces a folder with files in it, so the old one is put back if the second call fails. */
async function replaceFolder(folder: string, next: string): Promise<void> {
  const old = besides(folder, 'old');
  await rename(folder, old).catch(ignoreMissing);
  try {
    await rename(next, folder);
  } catch (error) {
    await rename(old, folder).catch(ignoreMissing);
    throw error;
  }
  // What is left of it is removed by the next run.
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
}

async function fill(folder: string, request: RepositoryRequest): Promise<void> {
  const { label, deltaFolder, vendor, signer, revision, packages, deltas, advisories } = request;
  const { patchFolder = '', patches = [] } = request;
  await mkdir(join(folder, 'packages'), { recursive: true });
  for (const { rpm, file, unsigned, sha256 } of packages) {
    // A signed RPM is in pinpack's cache and may be linked. An unsigned one keeps its own time, which a link would share.
    if (unsigned === sha256) await copyWithTime(rpm.path, join(folder, file));
    else await linkOrCopy(rpm.path, join(folder, file));
  }
  if (deltas.length > 0) await mkdir(join(folder, 'drpms'));
  for (const { file } of deltas) await copyWithTime(join(deltaFolder, basename(file)), join(folder, file));
  if (patches.length > 0) await mkdir(join(folder, 'patches'));
  for (const { file } of patches) await copyWithTime(join(patchFolder, basename(file)), join(folder, file));
  const metadata = { label, vendor, revision, packages, deltas, patches, advisories, signer };
  await writeMetadata(folder, { ...metadata, workers: availableParallelism() });
  if (signer !== undefined) await writeFile(join(folder, PUBLIC_KEY), signer.publicKey);
  await writeFile(join(folder, RECORD), recordOf(request));
  await makeWorldReadable(folder);
}

/** Under any umask: web servers read it. */
async function makeWorldReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await walkFolder(folder))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}

function recordOf({ label, signer, revision, content, packages, advisories }: RepositoryRequest): string {
  return formatRepositoryRecord({
    label,
    ...(signer !== undefined && { key: signer.fingerprint }),
    ...{ revision, content },
    packages: packages.map(({ closure: _closure, links: _links, rpm: _rpm, ...published }) => published),
    advisories: [...advisories],
  });
}

/** Hard links do not reach another file system. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).then(
    () => fixTime(to),
    () => copyWithTime(from, to),
  );
}

/** Sharing blocks where the file system can. */
async function copyWithTime(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await fixTime(to);
}

/** createrepo_c writes it into the metadata. */
async function fixTime(file: string): Promise<void> {
  await utimes(file, DEFAULT_MTIME, DEFAULT_MTIME);
}

function besides(folder: string, word: string): string {
  return join(dirname(folder), `.${basename(folder)}.${word}.${randomUUID()}`);
}

/** Of runs that were killed. One that was killed while it replaced the folder left the old one under another name: it is put back first. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = (word: string) => `.${basename(folder)}.${word}.`;
  const names = (await readFolder(dirname(folder))).map(({ name }) => name);
  const old = names.find((name) => name.startsWith(prefix('old')));
  if (old !== undefined && !names.includes(basename(folder))) await rename(join(dirname(folder), old), folder);
  const leftovers = names.filter((name) => name.startsWith(prefix('next')) || name.startsWith(prefix('old')));
  await Promise.all(leftovers.map((name) => rm(join(dirname(folder), name), { recursive: true, force: true })));
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
