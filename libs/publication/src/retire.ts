// Plans which publications to remove, and removes them without exposing an incomplete one to readers.
import { publishedBytes } from './published-files.js';
import { RECORD_FILE, publicationPath, publicationTime } from './publication-paths.js';
import type { PublicationTarget } from './publication-target.js';
import type { PublicationsReader, PublicationFacts } from './publications-reader.js';

export interface RetireRequest {
  label: string;
  /** Number of the newest complete publications to keep: 1 or more. */
  keep: number;
  /** IDs to keep in addition, such as the previous latest publication. */
  spare?: readonly string[];
  /** Called before anything is removed. @param kept - IDs of the complete publications that are kept, newest first */
  beforeRemoval?: (kept: readonly string[]) => Promise<void>;
  /** Default: the current time. */
  now?: Date;
}

export interface Retired {
  /** IDs of the complete publications that were removed. */
  removed: string[];
  /** IDs of the remaining ones, newest first. */
  kept: string[];
}

/** Readers may use a publication for this long after it was replaced. */
export const READING_MS = 60 * 60_000;
const ABANDONED_MS = 24 * 60 * 60_000;
const RECORD_LIMIT = 64 << 20;

/**
 * Selects the complete publications to remove. A publication was replaced at the time of the next newer one, and is kept for an hour after that.
 *
 * @param publications - newest first
 */
export function planRetirement(
  publications: readonly PublicationFacts[],
  { keep, spare = [], now = new Date() }: Pick<RetireRequest, 'keep' | 'spare' | 'now'>,
): string[] {
  return publications.flatMap(({ id, isLatest }, index) => {
    const newer = publications[index - 1];
    const isInUse = newer === undefined || now.getTime() - publicationTime(newer.id).getTime() < READING_MS;
    return index < Math.max(1, keep) || isLatest || isInUse || spare.includes(id) ? [] : [id];
  });
}

export async function retirePublications(
  publications: PublicationsReader,
  target: PublicationTarget,
  request: RetireRequest,
): Promise<Retired> {
  const { label, beforeRemoval, now = new Date() } = request;
  const found = await publications.list(label);
  const ids = await publications.ids(label);
  const planned = planRetirement(found, request);
  const complete = found.map(({ id }) => id);
  if (planned.length > 0) await beforeRemoval?.(complete.filter((id) => !planned.includes(id)));
  const removed: string[] = [];
  // Oldest first, so that a killed process leaves the newest ones.
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

/** Removes release.json first: without it the publication is incomplete, so nobody makes it the latest meanwhile. */
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
    // Another process rolled back to it in the meantime.
    await target.create(path, publishedBytes(path, manifest.bytes));
    return false;
  }
  await target.removeAll(publicationPath(label, id));
  return true;
}
