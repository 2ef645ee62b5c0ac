// Interface of a store for executors and servers. An error of the store is a miss, or an entry that is not stored; it never fails a build.
import type { Digested } from '../content/digest.js';
import type { EntryFacts, EntryRecord } from '../entry/record.js';
import type { EntryKind } from '../names/object-keys.js';
import type { Lease } from './leases.js';

export interface StoreHit {
  record: EntryRecord;
  /** The verified content. Copy from it, never write to it; gone after `release()` or `close()`. */
  path: string;
  from: 'local' | 'remote';
  release(): Promise<void>;
}

/** Content of at most so many bytes is passed through in memory: a file would cost more than the content. */
export const IN_MEMORY = 1 << 20;

/** An archive of Nx, or what is kept of it. */
export interface StoredArchive {
  record: Pick<EntryRecord, 'attachments'>;
  /** The verified content: its bytes, or the path of a file that is gone after `release()`. */
  content: Uint8Array | string;
  release(): Promise<void>;
}

export interface FlushReport {
  uploaded: number;
  /** Uploaded bytes. */
  bytes: number;
  /** Items left in the outbox for the next run. */
  left: number;
  /** Items that cannot be uploaded: missing permission or content. */
  refused: number;
}

/** `conflict`: the key has another content, which stays. `failed`: it could not be stored, or the run has no write access. */
export type PutOutcome = 'stored' | 'conflict' | 'failed';

export interface PutOptions {
  /** The store takes ownership of the file, which is one of `temporaryFile()`: it is moved, not copied. */
  takeOwnership?: boolean;
  /** Size and digest, if known: the file is not read again for them. */
  content?: Digested;
}

export interface ProduceOptions {
  /** Called after `produce`: whether the remote store gets the content too. Default: it does. */
  isUploaded?: () => boolean;
  /** The size in bytes, if `produce` verifies size and digest of what it writes: the file is not read again for that. */
  verifiedSize?: number | undefined;
  /** Whether the remote store has the content only in exceptional cases: it is asked if `produce` fails. Default: it is asked before. */
  isRarelyStored?: () => Promise<boolean>;
}

export interface Store {
  /** For messages, without secrets. */
  readonly label: string;
  /** Whether entries that are put reach the store of `label`. */
  readonly canWrite: boolean;

  /** Whether the store keeps entries of this kind: the user's local folder leaves `nx` to Nx. */
  keeps(kind: EntryKind): boolean;

  /** Finds an entry. The verified content of a hit is at `path` until `release()`. */
  get(kind: EntryKind, key: string): Promise<StoreHit | undefined>;

  /** Finds an entry of kind `nx`. Small content of the remote store is read into memory. */
  getArchive(key: string): Promise<StoredArchive | undefined>;

  /**
   * Takes the lease of an entry that `get` did not find, before it is made. Waits while another run makes the entry: then `get` may find it.
   * Without leases (`PINPACK_STORE_LEASES`) it returns at once.
   */
  lease(kind: EntryKind, key: string): Promise<Lease>;

  /** The same without waiting; undefined if another run may hold the lease. */
  tryLease(kind: EntryKind, key: string): Promise<Lease | undefined>;

  /** The path of a new file on the file system of the local folder, for `put` with `takeOwnership`. Otherwise the caller removes it. */
  temporaryFile(): Promise<string>;

  /**
   * Stores content: in the local folder at once, and in the remote store in the background.
   *
   * @param source - the path of a file with the content, or its bytes
   */
  put(
    facts: Pick<EntryFacts, 'kind' | 'key' | 'fileName' | 'attachments'>,
    source: string | Uint8Array,
    options?: PutOptions,
  ): Promise<PutOutcome>;

  /**
   * The path of content, verified by its digest: from the local folder, from the remote store, or produced. Concurrent callers on this machine
   * wait, and share what one of them produced.
   *
   * @param sha256 - of the content, in hex
   * @param produce - writes the content to a path
   * @returns a path that is valid until `close()`: copy from it, never write to it
   * @throws StoreError `STORE_CONTENT_DIFFERS` if the produced content has another digest, and the errors of `produce`
   */
  getOrProduce(
    sha256: string,
    produce: (path: string) => Promise<void>,
    options?: ProduceOptions,
  ): Promise<{ path: string; from: 'local' | 'remote' | 'produced' }>;

  /** Uploads pending items, also of earlier runs, until the deadline. The rest stays in the outbox for the next run. */
  flush(deadlineMs: number): Promise<FlushReport>;

  /** Stops uploads. Unfinished ones stay in the outbox. */
  close(): Promise<void>;
}
