// Reads the records of earlier publications, and downloads their RPMs once; each use verifies them.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { produceAtomically } from '@pinpack/common/atomic-file';
import { sha256OfFile } from '@pinpack/common/digest';
import { type Publications } from '@pinpack/publication';
import { RECORD, parseRepositoryRecord, type PublishedPackage, type RepositoryRecord } from '@pinpack/rpm-repo';
import { PinpackError } from '../pinpack-error.js';
import { listFolder } from '../workspace/files.js';
import { repositoryPaths } from './repository-paths.js';

export interface PublishedRepository {
  id: string;
  isLatest: boolean;
  record: RepositoryRecord;
}

const RECORD_LIMIT = 64 << 20;

/**
 * The last publications of a set, newest first. Includes the latest one, even after a rollback to an old one.
 *
 * @throws StoreError. @throws RepoError `REPO_RECORD_INVALID`
 */
export async function readPublications(
  publication: Publications,
  label: string,
  count: number,
): Promise<PublishedRepository[]> {
  const all = await publication.list(label);
  const wanted = all.filter(({ isLatest }, index) => isLatest || index < count);
  const read = wanted.map(async ({ id, isLatest }): Promise<PublishedRepository[]> => {
    const record = await readRecord(publication, label, id);
    return record === undefined ? [] : [{ id, isLatest, record }];
  });
  return (await Promise.all(read)).flat();
}

/** @returns undefined if the publication has none. @throws StoreError. @throws RepoError `REPO_RECORD_INVALID` */
export async function readRecord(
  publication: Publications,
  label: string,
  id: string,
): Promise<RepositoryRecord | undefined> {
  const bytes = await publication.readFile(label, id, RECORD, RECORD_LIMIT);
  if (bytes === undefined) return undefined;
  const subject = `${publication.location}/${label}/releases/${id}/${RECORD}`;
  return parseRepositoryRecord(Buffer.from(bytes).toString(), subject);
}

/** The file of a published RPM. @throws StoreError. @throws PinpackError `PINPACK_PUBLISHED_DAMAGED` */
export async function fetchPublished(
  root: string,
  publication: Publications,
  set: string,
  { id, file, sha256 }: Pick<PublishedPackage, 'file' | 'sha256'> & { id: string },
): Promise<string> {
  const { label, published } = repositoryPaths(set);
  const path = join(root, published, `${sha256}.rpm`);
  if ((await sha256OfFile(path).catch(() => undefined)) === sha256) return path;
  await produceAtomically(path, async (temporary) => {
    const digest = await publication.download(label, id, file, temporary);
    if (digest?.sha256 === sha256) return;
    throw new PinpackError('PINPACK_PUBLISHED_DAMAGED', `${publication.location}/${label}/releases/${id}/${file}`, [
      digest === undefined ? 'the file is missing' : `its sha256 is ${digest.sha256}`,
      `expected ${sha256} as in ${RECORD}. Roll back to another publication, or publish again.`,
    ]);
  });
  return path;
}

/** Removes downloaded RPMs that none of the publications has. */
export async function prunePublished(
  root: string,
  set: string,
  publications: readonly PublishedRepository[],
): Promise<void> {
  const folder = join(root, repositoryPaths(set).published);
  const kept = new Set(publications.flatMap(({ record }) => record.packages.map(({ sha256 }) => `${sha256}.rpm`)));
  const others = (await listFolder(folder)).filter((name) => name.endsWith('.rpm') && !kept.has(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}
