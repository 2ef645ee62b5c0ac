// What Nx's protocol sees of the store: the entries of kind `nx` that a scope may read, and the one namespace that it may write. What is handed
// out was checked as a whole, digest and signature, before its first byte.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attempt, ObjectBackend } from '../backend/backend.js';
import { digestOfFile } from '../digest.js';
import type { Trust } from '../entry/trust.js';
import { EntryStore, type NewEntry } from '../store/entry-store.js';
import type { PutOptions } from '../store/store.js';
import { StoreError } from '../store-error.js';
import type { CacheStore } from './cache-protocol.js';
import { ownNamespace, type Scope } from './scope.js';

export interface CacheViewOptions {
  backend: ObjectBackend;
  trust: Trust;
  /** A folder for what is handed out, on its way; it's there. */
  spool: string;
  /** Told of each failure of the backend and each entry that isn't believed; Nx is told of a miss. */
  onFault: (error: StoreError) => void;
}

/** Nx waits for ever, and each task of its run anew: a store that doesn't answer a small question soon is as good as none. */
const RECORD_MS = 5000;

/** What a caller without rights sees: nothing, and no error, which would fail its run. */
export const EMPTY_VIEW: CacheStore = {
  canWrite: false,
  get: () => Promise.resolve(undefined),
  temporaryFile: () => Promise.reject(new Error('read-only')),
  put: () => Promise.reject(new Error('read-only')),
};

/** @param attempt - of the request that the view is for: its time begins when the backend is first asked */
export function cacheViewOf(options: CacheViewOptions, scope: Scope, attempt: () => Attempt): CacheStore {
  const own = ownNamespace(scope);
  const entries = new EntryStore(options.backend, own ?? 'main', options.trust);
  return {
    canWrite: own !== undefined,
    get: (kind, key) => readEntry(entries, options, { kind, key }, attempt()),
    temporaryFile: () => Promise.resolve(temporaryFile(options)),
    put: (facts, file, given) => writeEntry(entries, options, { facts, file, ...given }, attempt()),
  };
}

async function readEntry(
  entries: EntryStore,
  options: CacheViewOptions,
  { kind, key }: Pick<NewEntry, 'kind' | 'key'>,
  attempt: Attempt,
): Promise<{ path: string; release: () => Promise<void> } | undefined> {
  const path = temporaryFile(options);
  const { onFault } = options;
  const release = () => rm(path, { force: true });
  try {
    const record = await entries.findRecord(kind, key, onFault, within(attempt, RECORD_MS));
    const isThere = record !== undefined && (await entries.getContent(record.sha256, path, attempt, record.size));
    return isThere ? { path, release } : undefined;
  } catch (error) {
    await release();
    if (error instanceof StoreError) onFault(error);
    throw error;
  }
}

interface Written extends PutOptions {
  facts: Omit<NewEntry, 'sha256' | 'size'>;
  file: string;
}

/** Answers when it's stored: who then asks on another machine finds it. */
async function writeEntry(
  entries: EntryStore,
  { onFault }: CacheViewOptions,
  { facts, file, isGiven = false, content }: Written,
  attempt: Attempt,
): Promise<void> {
  try {
    await entries.put({ ...facts, ...(content ?? (await digestOfFile(file))) }, file, attempt);
  } catch (error) {
    if (error instanceof StoreError) onFault(error);
    throw error;
  } finally {
    if (isGiven) await rm(file, { force: true });
  }
}

function temporaryFile({ spool }: CacheViewOptions): string {
  return join(spool, `${randomUUID()}.tmp`);
}

function within({ signal }: Attempt, milliseconds: number): Attempt {
  const limit = AbortSignal.timeout(milliseconds);
  return { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) };
}
