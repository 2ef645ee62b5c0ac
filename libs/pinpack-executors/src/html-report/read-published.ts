// Reads publications of a set for reports: their pins, and the sizes of their files.
import { publicationTime, type Publications } from '@pinpack/publication';
import type { RepositoryRecord } from '@pinpack/rpm-repo';
import { PinpackError } from '../pinpack-error.js';
import { readRecord } from '../repository/published-rpms.js';

export interface PublishedFacts {
  id: string;
  /** ISO 8601. */
  time: string;
  isLatest: boolean;
  record: RepositoryRecord;
  /** Sizes of its files by path. */
  sizes: ReadonlyMap<string, number>;
}

/**
 * @param id - `latest`, or the ID of a publication
 * @returns the publication and the one before it; none if nothing is published
 * @throws StoreError. @throws RepoError `REPO_RECORD_INVALID`. @throws PinpackError `PINPACK_RELEASE_UNKNOWN`
 */
export async function readPublishedFacts(
  publication: Publications,
  label: string,
  id: string,
): Promise<PublishedFacts[]> {
  const all = await publication.list(label);
  const at = all.findIndex((one) => (id === 'latest' ? one.isLatest : one.id === id));
  if (at < 0 && id !== 'latest') {
    throw new PinpackError('PINPACK_RELEASE_UNKNOWN', `${publication.location}/${label}`, [
      `there is no publication ${id}`,
      all.length === 0 ? 'nothing is published' : `expected one of ${all.map((one) => one.id).join(', ')}`,
    ]);
  }
  const wanted = at < 0 ? [] : all.slice(at, at + 2);
  const read = wanted.map(async ({ id, isLatest }): Promise<PublishedFacts[]> => {
    const [record, list] = await Promise.all([readRecord(publication, label, id), publication.readRecord(label, id)]);
    if (record === undefined || list === undefined) return [];
    const sizes = new Map(list.files.map(({ path, size }) => [path, size]));
    return [{ id, time: publicationTime(id).toISOString(), isLatest, record, sizes }];
  });
  return (await Promise.all(read)).flat();
}

const DELTA_NAME = /^drpms\/(.+)-[^-]+-[^-_]+_[^-]+-[^-]+\.[^.]+\.drpm$/;

/** The size of the smallest delta of each RPM, by its name. Pure. */
export function smallestDeltas(sizes: ReadonlyMap<string, number>): Map<string, number> {
  const found = new Map<string, number>();
  for (const [path, size] of sizes) {
    const name = DELTA_NAME.exec(path)?.[1];
    if (name !== undefined) found.set(name, Math.min(size, found.get(name) ?? size));
  }
  return found;
}
