// Prepares RPMs for publication: signs them if a key is configured, and keeps the signed files in a cache.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { readPackageFile, signPackageFile, type PackageFile, type Signer } from '@pinpack/rpm-repo';
import { listFiles, listFolder } from '../workspace/files.js';
import { repositoryPaths } from './repository-paths.js';

export interface PreparedRpm {
  path: string;
  facts: PackageFile;
  /** sha256 of the RPM before it was signed, in hex. */
  unsigned: string;
}

/**
 * Each set has a cache of signed files, whose names contain both digests, so that a file is verified before it is used again.
 *
 * @throws RpmError, RepoError
 */
export async function prepareRpm(
  root: string,
  set: string,
  path: string,
  signer: Signer | undefined,
): Promise<PreparedRpm> {
  const facts = await readPackageFile(path);
  const unsigned = facts.sha256;
  if (signer === undefined) return { path, facts, unsigned };
  const folder = join(root, repositoryPaths(set).signed, signer.fingerprint);
  const known = await findSigned(folder, unsigned);
  if (known !== undefined) return { ...known, unsigned };
  const chunks = await signPackageFile(path, signer.sign);
  const sha256 = digestOf(chunks);
  const signed = join(folder, `${unsigned}-${sha256}.rpm`);
  await writeFileAtomically(signed, chunks);
  return { path: signed, facts: { ...facts, sha256, size: sizeOf(chunks) }, unsigned };
}

async function findSigned(folder: string, unsigned: string): Promise<Omit<PreparedRpm, 'unsigned'> | undefined> {
  const names = (await listFolder(folder)).filter((name) => name.startsWith(`${unsigned}-`));
  for (const name of names) {
    const path = join(folder, name);
    const facts = await readPackageFile(path).catch(() => undefined);
    if (facts !== undefined && name === `${unsigned}-${facts.sha256}.rpm`) return { path, facts };
    await rm(path, { force: true });
  }
  return undefined;
}

/** Removes all other signed RPMs of a set, including those of other keys. */
export async function pruneSigned(root: string, set: string, kept: readonly PreparedRpm[]): Promise<void> {
  const folder = join(root, repositoryPaths(set).signed);
  const names = new Set(kept.map(({ path }) => basename(path)));
  const others = (await listFiles(folder)).filter((path) => !names.has(basename(path)));
  await Promise.all(others.map((path) => rm(join(folder, path), { force: true })));
}

function digestOf(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
