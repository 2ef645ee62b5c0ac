// Where objects lie: a folder, an S3 bucket, or a server of pinpack's. Objects are written once and never replaced.
import type { Readable } from 'node:stream';

export interface ObjectFacts {
  /** As `layout.ts` gives it, with `/`, below the store's root. */
  path: string;
  /** Bytes. */
  size: number;
  modified: Date;
}

export interface ObjectContent {
  /** Bytes. */
  size: number;
  /** In hex. */
  sha256: string;
  /** Opens the content from its beginning: once for each attempt. */
  open: () => Readable;
}

export interface Attempt {
  /** Ends it, within the body too. The call then rejects with `STORE_UNREACHABLE`. */
  signal?: AbortSignal | undefined;
}

/**
 * One place of objects. Every method throws StoreError `STORE_UNREACHABLE`, `STORE_FORBIDDEN`, `STORE_ANSWER_INVALID`, and
 * `STORE_LOCAL_FAILED` for a fault of the local disk. What is read isn't verified, which is for who asked. `backend.fixture.ts` is the
 * table of what all of them do.
 */
export interface ObjectBackend {
  /** For people, without secrets: `s3://bucket/prefix`, `/srv/pinpack`. */
  readonly label: string;

  /** A small object, whole; undefined where there is none. One of more than `limit` bytes is `STORE_ANSWER_INVALID`. */
  read(path: string, limit: number, attempt?: Attempt): Promise<Uint8Array | undefined>;

  /**
   * Writes an object's bytes into a new file, never holding it whole in memory, and digests it on the way.
   *
   * @param file - doesn't exist yet; left for the caller to remove when the call fails
   * @returns its size in bytes and sha256 in hex; undefined, and no file, where there is no such object
   */
  download(path: string, file: string, attempt?: Attempt): Promise<{ size: number; sha256: string } | undefined>;

  /**
   * Writes an object unless there is one: `exists` says that another came first, whose content stays. Readers see it whole or not at all.
   *
   * @throws StoreError `STORE_CONTENT_DIFFERS`, and nothing is seen, when the content has another size or digest than it says
   */
  create(path: string, content: ObjectContent, attempt?: Attempt): Promise<'created' | 'exists'>;

  stat(path: string, attempt?: Attempt): Promise<ObjectFacts | undefined>;

  /** Every object below a prefix, in no promised order. */
  list(prefix: string, attempt?: Attempt): AsyncIterable<ObjectFacts>;

  /** Removes an object; one that isn't there is removed already. For maintenance alone. */
  remove(path: string, attempt?: Attempt): Promise<void>;
}
