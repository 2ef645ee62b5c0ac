// Interface of a store for executors and servers. An error of the store is a miss, or an entry that is not stored; it never fails a build.
import type { Digested } from '../content/digest.js';
import type { EntryFacts, EntryRecord } from '../entry/record.js';
import type { EntryKind } from '../names/object-keys.js';

export interface StoreHit {
  record: EntryRecord;
  /** The verified content. Copy from it, never write to it; gone after `release()` or `close()`. */
  path: string;
  from: 'local' | 'remote';
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
  /** The file is one of `temporaryFile()`, and the store's from now on: it's moved, not copied. */
  isGiven?: boolean;
  /** Known already: the file isn't read again for it. */
  content?: Digested;
}

export interface Store {
  /** For messages, without secrets. */
  readonly label: string;
  /** Whether a put reaches the store that `label` names. */
  readonly canWrite: boolean;

  /** Whether the store keeps entries of this kind: the user's local folder leaves `nx` to Nx. */
  keeps(kind: EntryKind): boolean;

  /** A hit's verified content lies at `path`, inside the local folder or in a temporary file until `release()`. */
  get(kind: EntryKind, key: string): Promise<StoreHit | undefined>;

  /** The path of a new file on the local folder's file system, for `put` with `isGiven`; or for the caller to remove. */
  temporaryFile(): Promise<string>;

  /** Keeps a file's content as it is now: in the local folder at once, and behind that in the remote. Answers before the upload. */
  put(
    facts: Pick<EntryFacts, 'kind' | 'key' | 'fileName' | 'attachments'>,
    file: string,
    options?: PutOptions,
  ): Promise<PutOutcome>;

  /**
   * The path of content, verified by its digest: from the local folder, from the remote, or produced. It's produced once, whoever else
   * asks for it at the same time on this machine: they wait and share it.
   *
   * @param sha256 - of the content, in hex
   * @param produce - writes the content to the path that it's given
   * @returns a path that is valid until `close()`: copy from it, never write to it
   * @throws StoreError `STORE_CONTENT_DIFFERS` when what was produced has another digest, and what `produce` throws
   */
  getOrProduce(
    sha256: string,
    produce: (path: string) => Promise<void>,
  ): Promise<{ path: string; from: 'local' | 'remote' | 'produced' }>;

  /** Uploads what waits, of earlier runs too, until the deadline; what is left stays in the outbox for the next run. */
  flush(deadlineMs: number): Promise<FlushReport>;

  /** Stops uploads. Unfinished ones stay in the outbox. */
  close(): Promise<void>;
}
