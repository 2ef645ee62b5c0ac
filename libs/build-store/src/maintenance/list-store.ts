// Lists the entries of a store, and sums up its namespaces.
import type { ObjectBackend, ObjectFacts } from '../backends/backend.js';
import { parseRecord, RECORD_LIMIT, type EntryRecord } from '../entry/record.js';
import {
  LAYOUT_VERSION,
  parseObjectPath,
  type EntryKind,
  type Namespace,
  type ObjectTarget,
} from '../names/object-keys.js';
import { StoreError } from '../store-error.js';
import { pMapIterable, pMapSkip } from 'p-map';

export type StoredObject = ObjectFacts & { place: ObjectTarget | undefined };

export interface ListedEntry {
  path: string;
  namespace: Namespace;
  kind: EntryKind;
  key: string;
  modified: Date;
  /** undefined if it cannot be read; `problem` contains the reason. */
  record?: EntryRecord;
  problem?: string;
}

export interface ListFilter {
  namespace?: Namespace | undefined;
  kind?: EntryKind | undefined;
}

export interface NamespaceSums {
  namespace: Namespace;
  entries: Record<EntryKind, number>;
  contents: number;
  /** Of contents and records. */
  bytes: number;
}

const AT_ONCE = 8;

/** Lists all objects; `place` is undefined for objects that are not part of a store. */
export async function* listObjects(backend: ObjectBackend, namespace?: Namespace): AsyncGenerator<StoredObject> {
  const prefix = [LAYOUT_VERSION, ...(namespace === undefined ? [] : [namespace]), ''].join('/');
  for await (const facts of backend.list(prefix)) yield { ...facts, place: parseObjectPath(facts.path) };
}

/**
 * Lists entries with their records.
 *
 * @throws StoreError of the backend. An entry whose record cannot be read has a `problem`
 */
export async function* listEntries(backend: ObjectBackend, filter: ListFilter = {}): AsyncGenerator<ListedEntry> {
  const read = async ({ path, modified, place }: StoredRecord): Promise<ListedEntry | typeof pMapSkip> => {
    const { namespace, kind, key } = place;
    const found = await readRecord(backend, path);
    return found === undefined ? pMapSkip : { path, namespace, kind, key, modified, ...found };
  };
  yield* pMapIterable(recordsOf(backend, filter), read, { concurrency: AT_ONCE });
}

/** Sums up each namespace, main first. */
export async function sumStore(backend: ObjectBackend): Promise<NamespaceSums[]> {
  const sums = new Map<Namespace, NamespaceSums>();
  for await (const { place, size } of listObjects(backend)) {
    if (place === undefined) continue;
    const { namespace } = place;
    const sum = sums.get(namespace) ?? { namespace, entries: { nx: 0, wheel: 0, rpm: 0 }, contents: 0, bytes: 0 };
    sums.set(namespace, sum);
    sum.bytes += size;
    if (place.what === 'content') sum.contents++;
    else sum.entries[place.kind]++;
  }
  return [...sums.values()].sort((a, b) => rank(a.namespace).localeCompare(rank(b.namespace)));
}

type StoredRecord = ObjectFacts & { place: Extract<ObjectTarget, { what: 'record' }> };

async function* recordsOf(backend: ObjectBackend, { namespace, kind }: ListFilter): AsyncGenerator<StoredRecord> {
  for await (const { place, ...facts } of listObjects(backend, namespace)) {
    if (place?.what === 'record' && (kind === undefined || place.kind === kind)) yield { ...facts, place };
  }
}

/** undefined if it was removed since it was listed. */
async function readRecord(
  backend: ObjectBackend,
  path: string,
): Promise<Pick<ListedEntry, 'record' | 'problem'> | undefined> {
  try {
    const bytes = await backend.read(path, RECORD_LIMIT);
    return bytes && { record: parseRecord(bytes, path) };
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_ANSWER_INVALID') return { problem: error.message };
    throw error;
  }
}

function rank(namespace: Namespace): string {
  return namespace === 'main' ? '' : namespace;
}
