// The public API. Nx loads it for the project graph before every command, so the code of stores is loaded when one is opened.
import type { StoreOptions } from './store/open-store.js';
import type { RunReports } from './store/run-reports.js';
import type { Store } from './store/store.js';

export { type Digested } from './content/digest.js';
export type { EntryFacts, EntryRecord, EntrySignature } from './entry/record.js';
export type { EntryKind, Namespace } from './names/object-keys.js';
export { parseStoreUrl, type S3Location, type StoreLocation } from './names/store-url.js';
export {
  bearerToken,
  CACHE_SERVER_OPTIONS,
  createCacheListener,
  isSameToken,
  type Access,
  type CacheListenerOptions,
  type CacheStore,
} from './server/cache-protocol.js';
export type { Lease } from './store/leases.js';
export type { StoreOptions } from './store/open-store.js';
export type { Environment, StoreMode } from './store/plan-store.js';
export {
  FolderJournal,
  MemoryJournal,
  openJournal,
  readRun,
  type RunEvent,
  type RunJournal,
  type StoreEvent,
} from './store/run-journal.js';
export type { Durations, RunReport, RunReports } from './store/run-reports.js';
export type { FlushReport, PutOptions, Store, StoredArchive, StoreHit } from './store/store.js';
export { StoreError, type StoreErrorCode } from './store-error.js';

/**
 * Opens the store that options and environment select.
 *
 * @returns undefined with the mode `off`
 * @throws StoreError `STORE_LOCATION_INVALID`, `STORE_KEY_INVALID`: mistakes of the user, before any request
 */
export async function openStore(options: StoreOptions): Promise<Store | undefined> {
  const { openStore: open } = await import('./store/open-store.js');
  return open(options);
}

/**
 * Opens the reports of earlier runs in the store that options and environment select.
 *
 * @returns undefined with the mode `off`, and without a configured store
 * @throws StoreError `STORE_LOCATION_INVALID`
 */
export async function openRunReports(
  options: Pick<StoreOptions, 'url' | 'mode' | 'environment'>,
): Promise<RunReports | undefined> {
  const { openRunReports: open } = await import('./store/open-store.js');
  return open(options);
}
