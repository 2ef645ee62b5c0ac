export { copyFileAtomically, produceAtomically, writeFileAtomically } from './atomic-file.js';
export type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend/backend.js';
export type { EntryFacts, EntryRecord, EntrySignature } from './entry/record.js';
export { FolderStore, sha256OfFile, storeFolder } from './folder-store.js';
export { branchNamespace, contentPath, entryPath, type EntryKind, type Namespace } from './layout.js';
export {
  bearerToken,
  CACHE_SERVER_OPTIONS,
  createCacheListener,
  isSameToken,
  type Access,
  type CacheListenerOptions,
  type CacheStore,
} from './server/cache-protocol.js';
export { StoreError, type StoreErrorCode } from './store-error.js';
