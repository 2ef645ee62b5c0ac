// An RPM as it is released: signed where there is a key, and signed once.
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { readPackageFile, signPackageFile, type PackageFile, type Signer } from '@pinpack/rpm-repo';
import { repositoryPaths } from './repository-paths.js';

export interface ReleaseRpm {
  path: string;
  facts: PackageFile;
  /** sha256 of the RPM before it was signed, in hex. */
  unsigned: string;
}

/**
 * The signed file lies in a cache of the set's, named after both digests, so that it's verified before it's used again.
 *
 * @throws RpmError, RepoError
 */
export async function releaseRpm(
  root: string,
  set: string,
  path: string,
  signer: Signer | undefined,
): Promise<ReleaseRpm> {
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

async function findSigned(folder: string, unsigned: string): Promise<Omit<ReleaseRpm, 'unsigned'> | undefined> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${unsigned}-`));
  for (const name of names) {
    const path = join(folder, name);
    const facts = await readPackageFile(path).catch(() => undefined);
    if (facts !== undefined && name === `${unsigned}-${facts.sha256}.rpm`) return { path, facts };
    await rm(path, { force: true });
  }
  return undefined;
}

/** Removes the signed RPMs of a set that are not among these, of other keys too. */
export async function pruneSigned(root: string, set: string, kept: readonly ReleaseRpm[]): Promise<void> {
  const folder = join(root, repositoryPaths(set).signed);
  const names = new Set(kept.map(({ path }) => basename(path)));
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const others = files.filter((file) => file.isFile() && !names.has(file.name));
  await Promise.all(others.map(({ parentPath, name }) => rm(join(parentPath, name), { force: true })));
}

function digestOf(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
