// Removes what killed runs left in the folder of a store: unfinished files, items that were never uploaded, claims of dead processes, and
// journals. Files that are younger than a day or have a living owner are kept.
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CLAIMS, SPOOL } from '../backends/folder-backend.js';
import { livenessOfClaim } from '../content/claim.js';
import { localFailed } from '../content/digest.js';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { OUTBOX } from './outbox.js';

export const RUNS = 'runs';
const DAY_MS = 24 * 60 * 60_000;

/**
 * @param folder - absolute path of a store
 * @returns how many were removed
 * @throws StoreError `STORE_LOCAL_FAILED`
 */
export async function removeLeftovers(folder: string, now: Date): Promise<number> {
  try {
    return await removeAll(folder, now);
  } catch (error) {
    throw localFailed(folder, error);
  }
}

async function removeAll(folder: string, now: Date): Promise<number> {
  const before = now.getTime() - DAY_MS;
  const claims = await removeOld(join(folder, CLAIMS), async (path) => {
    const liveness = await livenessOfClaim(path);
    return liveness === 'dead' || (liveness === 'unknown' && (await lastChange(path)) < before);
  });
  // Items before their content: content in the spool is kept as long as its item exists.
  const items = await removeOld(join(folder, OUTBOX), (path) => isAbandoned(folder, path, before));
  const waiting = new Set((await namesIn(join(folder, OUTBOX))).map((name) => name.replace('.json', '.content')));
  const spooled = await removeOld(join(folder, SPOOL), async (path, name) => {
    return !waiting.has(name) && (await lastChange(path)) < before;
  });
  const runs = await removeOld(join(folder, RUNS), async (path) => (await lastChangeWithin(path)) < before);
  return claims + items + spooled + runs;
}

async function isAbandoned(folder: string, path: string, before: number): Promise<boolean> {
  const id = path.slice(path.lastIndexOf('/') + 1).replace('.json', '');
  const isClaimed = (await livenessOfClaim(join(folder, CLAIMS, `outbox-${id}`))) === 'alive';
  return !isClaimed && (await lastChange(path)) < before;
}

async function removeOld(folder: string, isOld: (path: string, name: string) => Promise<boolean>): Promise<number> {
  let count = 0;
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (!(await isOld(path, name))) continue;
    await rm(path, { recursive: true, force: true });
    count++;
  }
  return count;
}

/** Milliseconds since 1970. A hard link of old content in the spool is as old as the link. A file that is gone counts as new. */
async function lastChange(path: string): Promise<number> {
  const found = await lstat(path).catch(undefinedIfAbsent);
  return found === undefined ? Infinity : Math.max(found.mtimeMs, found.ctimeMs);
}

/** Of a folder and the files in it. */
async function lastChangeWithin(folder: string): Promise<number> {
  const paths = [folder, ...(await namesIn(folder)).map((name) => join(folder, name))];
  return Math.max(...(await Promise.all(paths.map(lastChange))));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(undefinedIfAbsent)) ?? [];
}
