export { copyFileAtomically, produceAtomically, writeFileAtomically } from './atomic-file.js';
export type { Attempt, ObjectBackend, ObjectContent, ObjectFacts } from './backend/backend.js';
export { FolderBackend } from './backend/folder-backend.js';
export { digestOfFile, receiveFile, sha256OfFile, type Digested } from './digest.js';
export {
  encodeRecord,
  parseRecord,
  RECORD_LIMIT,
  type EntryFacts,
  type EntryRecord,
  type EntrySignature,
} from './entry/record.js';
export {
  formatPublicKey,
  generateSigningKeys,
  isSignedBy,
  keyIdOf,
  parsePublicKey,
  parseSigningKey,
  signedBytes,
  signFacts,
} from './entry/signature.js';
export { readTrust, type Trust } from './entry/trust.js';
export { branchNamespace, contentPath, entryPath, type EntryKind, type Namespace } from './layout.js';
export {
  describeLocation,
  parseStoreUrl,
  type FolderLocation,
  type HttpLocation,
  type S3Location,
  type StoreLocation,
} from './location.js';
export { EntryStore, type NewEntry } from './store/entry-store.js';
export { openBackend, openJournal, openStore, type StoreOptions } from './store/open-store.js';
export { planStore, type Environment, type StoreMode, type StorePlan } from './store/plan-store.js';
export {
  FolderJournal,
  MemoryJournal,
  readRun,
  type Latch,
  type RunEvent,
  type RunJournal,
  type StoreEvent,
} from './store/run-journal.js';
export type { FlushReport, PutOptions, Store, StoreHit } from './store/store.js';
export { StoreError, type StoreErrorCode } from './store-error.js';
export {
  bearerToken,
  CACHE_SERVER_OPTIONS,
  createCacheListener,
  isSameToken,
  type Access,
  type CacheListenerOptions,
  type CacheStore,
} from './server/cache-protocol.js';
