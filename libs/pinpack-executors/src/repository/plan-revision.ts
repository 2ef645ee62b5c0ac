// Plans the revision of a repository's metadata. It rises with each publication, so that older metadata can be recognized, and yet the same inputs give the same
// revision: it is computed from the earlier publications, which are inputs already, and from the time of the commit. Pure.
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import type { PublishedRepository } from './published-rpms.js';

export interface RevisionRequest {
  /** Digest of everything else that the repository is made of. */
  content: string;
  /** The newest and the latest publication at least; undefined without a configured publication. */
  publications: readonly PublishedRepository[] | undefined;
  /** SOURCE_DATE_EPOCH, in seconds since 1970. */
  epoch: number | undefined;
  /** Time of the last commit of the workspace, in seconds since 1970. */
  committed: number | undefined;
}

/** In seconds since 1970, since tools show it as a time. */
export function planRevision({ content, publications, epoch, committed }: RevisionRequest): number {
  if (publications === undefined) return epoch ?? DEFAULT_MTIME;
  const latest = publications.find(({ isLatest }) => isLatest)?.record;
  // Publishing the same content again finds the same publication.
  if (latest?.revision !== undefined && latest.content === content) return latest.revision;
  const time = epoch ?? committed ?? DEFAULT_MTIME;
  return Math.max(time, ...publications.map(({ record: { revision = DEFAULT_MTIME } }) => revision + 1));
}
