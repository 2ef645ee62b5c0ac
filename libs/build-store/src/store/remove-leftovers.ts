// What killed runs left in a store's folder: unfinished files, items that nobody uploaded, claims of dead processes, journals. What is
// younger than a day, or has a living owner, stays.
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CLAIMS, SPOOL } from '../backends/folder-backend.js';
import { livenessOfClaim } from '../content/claim.js';
import { OUTBOX } from './outbox.js';

export const RUNS = 'runs';
const DAY_MS = 24 * 60 * 60_000;

/**
 * @param folder - of a store, absolute
 * @returns how many were removed
 */
export async function removeLeftovers(folder: string, now: Date): Promise<number> {
  const before = now.getTime() - DAY_MS;
  const claims = await removeOld(join(folder, CLAIMS), async (path) => {
    const liveness = await livenessOfClaim(path);
    return liveness === 'dead' || (liveness === 'unknown' && (await lastChange(path)) < before);
  });
  // The items go before their content, for what is in the spool is theirs as long as they are there.
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

/** Milliseconds since 1970. A hard link of old content in the spool is as old as the link. What is gone is young: nothing is to do. */
async function lastChange(path: string): Promise<number> {
  return lstat(path).then(
    ({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs),
    () => Infinity,
  );
}

async function lastChangeWithin(folder: string): Promise<number> {
  const paths = [folder, ...(await namesIn(folder)).map((name) => join(folder, name))];
  return Math.max(...(await Promise.all(paths.map(lastChange))));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
