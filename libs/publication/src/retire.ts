// Retention: which releases go, and how they go so that no reader is sent to half of one.
import { publishedBytes } from './published-files.js';
import { RECORD_FILE, publicationPath, publicationTime } from './publication-paths.js';
import type { PublicationTarget } from './publication-target.js';
import type { PublicationsReader, PublicationFacts } from './publications-reader.js';

export interface RetireRequest {
  label: string;
  /** How many of the newest complete releases stay: 1 or more. */
  keep: number;
  /** Further ids to spare: what was the latest a moment ago. */
  spare?: readonly string[];
  /** Called before anything is removed. @param kept - ids of the complete releases that stay, newest first */
  beforeRemoval?: (kept: readonly string[]) => Promise<void>;
  /** Default: the clock's. */
  now?: Date;
}

export interface Retired {
  /** Ids of complete releases that were removed. */
  removed: string[];
  /** Ids of those that are there, newest first. */
  kept: string[];
}

/** Readers that were sent to a release may still be at it. */
export const READING_MS = 60 * 60_000;
const ABANDONED_MS = 24 * 60 * 60_000;
const RECORD_LIMIT = 64 << 20;

/**
 * The complete releases to remove. The next newer one's time tells when a release was replaced: readers may be at it for an hour more.
 *
 * @param releases - newest first
 */
export function planRetirement(
  releases: readonly PublicationFacts[],
  { keep, spare = [], now = new Date() }: Pick<RetireRequest, 'keep' | 'spare' | 'now'>,
): string[] {
  return releases.flatMap(({ id, isLatest }, index) => {
    const newer = releases[index - 1];
    const isRead = newer === undefined || now.getTime() - publicationTime(newer.id).getTime() < READING_MS;
    return index < Math.max(1, keep) || isLatest || isRead || spare.includes(id) ? [] : [id];
  });
}

export async function retirePublications(
  publications: PublicationsReader,
  target: PublicationTarget,
  order: RetireRequest,
): Promise<Retired> {
  const { label, beforeRemoval, now = new Date() } = order;
  const releases = await publications.list(label);
  const ids = await publications.ids(label);
  const planned = planRetirement(releases, order);
  const complete = releases.map(({ id }) => id);
  if (planned.length > 0) await beforeRemoval?.(complete.filter((id) => !planned.includes(id)));
  const removed: string[] = [];
  // The oldest first: what is left of a retirement that was killed are the newest ones.
  for (const id of planned.reverse()) {
    if (await retireOne(publications, target, label, id)) removed.push(id);
  }
  for (const id of ids) {
    const isOld = now.getTime() - publicationTime(id).getTime() > ABANDONED_MS;
    const isIncomplete = !complete.includes(id) && isOld && !(await publications.isComplete(label, id));
    if (isIncomplete) await target.removeAll(publicationPath(label, id));
  }
  await target.clean(now);
  return { removed, kept: complete.filter((id) => !removed.includes(id)) };
}

/** Without its release.json it's no release any more, so that nobody makes it the latest while it goes. */
async function retireOne(
  publications: PublicationsReader,
  target: PublicationTarget,
  label: string,
  id: string,
): Promise<boolean> {
  const path = publicationPath(label, id, RECORD_FILE);
  const manifest = await target.read(path, RECORD_LIMIT);
  await target.remove(path);
  if ((await publications.latest(label)) === id && manifest !== undefined) {
    // Somebody rolled back to it just now.
    await target.create(path, publishedBytes(path, manifest.bytes));
    return false;
  }
  await target.removeAll(publicationPath(label, id));
  return true;
}
