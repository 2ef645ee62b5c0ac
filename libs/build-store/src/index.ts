// What the plugin uses. The graph loads it before every command of Nx, so a store's code is loaded when one is opened.
import type { StoreOptions } from './store/open-store.js';
import type { Store } from './store/store.js';
import type { PublicationOptions } from './publication/open-publication.js';
import type { Publication } from './publication/publication.js';

export { copyFileAtomically, produceAtomically, writeFileAtomically } from './atomic-file.js';
export { sha256OfFile, type Digested } from './digest.js';
export type { EntryFacts, EntryRecord, EntrySignature } from './entry/record.js';
export * from './publication/index.js';
export type { EntryKind, Namespace } from './layout.js';
export { parseStoreUrl } from './location.js';
export {
  bearerToken,
  CACHE_SERVER_OPTIONS,
  createCacheListener,
  isSameToken,
  type Access,
  type CacheListenerOptions,
  type CacheStore,
} from './server/cache-protocol.js';
export type { StoreOptions } from './store/open-store.js';
export type { Environment, StoreMode } from './store/plan-store.js';
export {
  FolderJournal,
  openJournal,
  readRun,
  type RunEvent,
  type RunJournal,
  type StoreEvent,
} from './store/run-journal.js';
export type { FlushReport, PutOptions, Store, StoreHit } from './store/store.js';
export { StoreError, type StoreErrorCode } from './store-error.js';

/**
 * The store that options and environment name.
 *
 * @returns undefined with the mode `off`
 * @throws StoreError `STORE_LOCATION_INVALID`, `STORE_KEY_INVALID`: mistakes of the user, before anything is asked
 */
export async function openStore(options: StoreOptions): Promise<Store | undefined> {
  const { openStore: open } = await import('./store/open-store.js');
  return open(options);
}

/**
 * The publication that a URL names: `file:///folder` or `s3://bucket/prefix?…`.
 *
 * @throws StoreError `STORE_LOCATION_INVALID`, before anything is asked
 */
export async function openPublication(url: string, options: PublicationOptions): Promise<Publication> {
  const { openPublication: open } = await import('./publication/open-publication.js');
  return open(url, options);
}
