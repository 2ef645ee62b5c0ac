// Shrinks the folder of a store: removes entries by the time since their last use, then the least recently used ones until the size fits. For S3, use
// lifecycle rules.
import { stat } from 'node:fs/promises';
import type { ObjectFacts } from '../backends/backend.js';
import { FolderBackend } from '../backends/folder-backend.js';
import { parseRecord, RECORD_LIMIT } from '../entry/record.js';
import { contentPath, isDatedPath, readableNamespaces, type Namespace } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';
import { listObjects } from './list-store.js';
import { removeLeftovers } from '../store/remove-leftovers.js';

export interface GarbageOptions {
  /** Size of the contents and records that may stay. */
  maxBytes?: number | undefined;
  /** Time since the last use, in milliseconds. */
  maxAgeMs?: number | undefined;
  now: Date;
  /** What was used within this time stays, in milliseconds: a run may be about to copy it. Default: ten minutes. */
  inUseMs?: number | undefined;
}

export interface GarbageReport {
  kept: { entries: number; contents: number; bytes: number };
  removed: { entries: number; contents: number; bytes: number };
  /** Files that killed runs left. */
  leftovers: number;
}

const IN_USE_MS = 10 * 60_000;
/** Of leases and reports, which are not part of any entry: a year of reports can be compared with the year before. */
const DATED_MS = 400 * 24 * 60 * 60_000;

/** Content and the records that refer to it, which are kept or removed together. */
interface Group {
  contents: string[];
  records: string[];
  bytes: number;
  /** Milliseconds since 1970. */
  lastUse: number;
}

/** The group of a record whose content is not listed yet. */
const NEW: Group = { contents: [], records: [], bytes: 0, lastUse: Infinity };

/** @param folder - of a store, absolute */
export async function collectGarbage(folder: string, options: GarbageOptions): Promise<GarbageReport> {
  const backend = new FolderBackend(folder);
  const { groups, dangling } = await readGroups(
    backend,
    options.now.getTime() - Math.min(DATED_MS, options.maxAgeMs ?? DATED_MS),
  );
  const { kept, removed: planned } = planGarbage(groups, options);
  const removed: Group[] = [];
  for (const group of planned) ((await removeGroup(backend, group)) ? removed : kept).push(group);
  await removeGroup(backend, dangling);
  const leftovers = await removeLeftovers(folder, options.now);
  return { kept: sumOf(kept), removed: sumOf([...removed, dangling]), leftovers };
}

/** Records first, so that no record remains without content. @returns false if the content was used since the groups were read, and stays */
async function removeGroup(backend: FolderBackend, { records, contents, lastUse }: Group): Promise<boolean> {
  const uses = await Promise.all(contents.map(async (path) => (await backend.stat(path))?.modified.getTime() ?? 0));
  if (Math.max(0, ...uses) > lastUse) return false;
  for (const path of records) await backend.remove(path);
  for (const path of contents) await backend.removeUnusedSince(path, lastUse);
  return true;
}

/** Plans which groups are kept and which are removed. Pure. */
export function planGarbage(
  groups: readonly Group[],
  { maxBytes = Infinity, maxAgeMs = Infinity, inUseMs = IN_USE_MS, now }: GarbageOptions,
): { kept: Group[]; removed: Group[] } {
  const byUse = [...groups].sort((a, b) => a.lastUse - b.lastUse);
  const [kept, removed]: [Group[], Group[]] = [[], []];
  let bytes = byUse.reduce((sum, group) => sum + group.bytes, 0);
  for (const group of byUse) {
    const age = now.getTime() - group.lastUse;
    const isSuperfluous = age > maxAgeMs || bytes > maxBytes;
    if (isSuperfluous && age >= inUseMs) {
      removed.push(group);
      bytes -= group.bytes;
    } else kept.push(group);
  }
  return { kept, removed };
}

/** Groups by content. Records that cannot be read or whose content is gone, and old leases and reports, are `dangling`. */
async function readGroups(backend: FolderBackend, datedBefore: number): Promise<{ groups: Group[]; dangling: Group }> {
  const dangling: Group = { contents: [], records: [], bytes: 0, lastUse: 0 };
  const byContent = new Map<string, Group>();
  const records: (ObjectFacts & { namespace: Namespace })[] = [];
  for await (const { place, ...facts } of listObjects(backend)) {
    const { path, size } = facts;
    if (place?.what === 'record') records.push({ ...facts, namespace: place.namespace });
    if (isDatedPath(path) && facts.modified.getTime() < datedBefore) dangling.records.push(path);
    if (place?.what !== 'content') continue;
    byContent.set(path, { contents: [path], records: [], bytes: size, lastUse: await lastUseOf(backend, path) });
  }
  for (const { path, namespace, size, modified } of records) {
    const group = (await findGroup(backend, path, namespace, byContent)) ?? dangling;
    if (group === NEW) continue;
    group.records.push(path);
    group.bytes += size;
    group.lastUse = Math.max(group.lastUse, modified.getTime());
  }
  return { groups: [...byContent.values()], dangling };
}

async function findGroup(
  backend: FolderBackend,
  path: string,
  namespace: Namespace,
  byContent: ReadonlyMap<string, Group>,
): Promise<Group | undefined> {
  const bytes = await backend.read(path, RECORD_LIMIT).catch(ignoreInvalid);
  if (bytes === undefined) return undefined;
  try {
    const { sha256 } = parseRecord(bytes, path);
    const contents = readableNamespaces(namespace).map((readable) => contentPath(readable, sha256));
    const found = contents.find((content) => byContent.has(content));
    if (found !== undefined) return byContent.get(found);
    // Put since the contents were listed.
    const isThere = await Promise.all(contents.map((content) => backend.stat(content)));
    return isThere.some((facts) => facts !== undefined) ? NEW : undefined;
  } catch (error) {
    ignoreInvalid(error);
    return undefined;
  }
}

/**
 * A use sets the time of modification. Where that is not permitted, the file system updates the access time once a day. The access time of records is
 * useless here, since all of them are read.
 */
async function lastUseOf(backend: FolderBackend, path: string): Promise<number> {
  return stat(backend.pathOf(path)).then(
    // Whole milliseconds, as in the dates that are compared with it.
    ({ atimeMs, mtimeMs }) => Math.ceil(Math.max(atimeMs, mtimeMs)),
    () => 0,
  );
}

function ignoreInvalid(error: unknown): undefined {
  if (!(error instanceof StoreError && error.code === 'STORE_ANSWER_INVALID')) throw error;
}

function sumOf(groups: readonly Group[]): GarbageReport['kept'] {
  const sum = (of: (group: Group) => number): number => groups.reduce((total, group) => total + of(group), 0);
  return {
    entries: sum(({ records }) => records.length),
    contents: sum(({ contents }) => contents.length),
    bytes: sum(({ bytes }) => bytes),
  };
}
