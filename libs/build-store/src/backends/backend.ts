// Interface of the storage of objects: a folder, an S3 bucket, or a pinpack-store server. Objects are written once and never replaced.
import type { Readable } from 'node:stream';

export interface ObjectFacts {
  /** Below the store's root, with `/` (names/object-keys.ts). */
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
  /** Opens the content from its beginning. Called once for each attempt. */
  open: () => Readable;
  /** Reads small content at once, which takes less time than a stream. */
  read?: () => Promise<Uint8Array>;
  /** The object probably exists: a backend that would send the content for nothing looks first. */
  isProbablyThere?: boolean;
}

export interface Attempt {
  /** Aborts the call, also within a body. It then rejects with `STORE_UNREACHABLE`. */
  signal?: AbortSignal | undefined;
}

/**
 * Every method throws StoreError `STORE_UNREACHABLE`, `STORE_FORBIDDEN`, `STORE_ANSWER_INVALID`, and `STORE_LOCAL_FAILED` for an error of the local
 * disk. Content that is read is not verified: the caller does that. The specs of all implementations are in `backend.fixture.ts`.
 */
export interface ObjectBackend {
  /** For messages, without secrets: `s3://bucket/prefix`, `/srv/pinpack`. */
  readonly label: string;

  /** Reads a small object; undefined if it does not exist. An object of more than `limit` bytes is `STORE_ANSWER_INVALID`. */
  read(path: string, limit: number, attempt?: Attempt): Promise<Uint8Array | undefined>;

  /**
   * Streams an object into a new file, and digests it.
   *
   * @param file - must not exist; if the call fails, the caller removes it
   * @returns size in bytes and sha256 in hex; undefined, without a file, if the object does not exist
   */
  download(path: string, file: string, attempt?: Attempt): Promise<{ size: number; sha256: string } | undefined>;

  /**
   * Writes an object unless it exists: then `exists` is returned, and its content stays. Readers see the complete object or none.
   *
   * @throws StoreError `STORE_CONTENT_DIFFERS`, and nothing is stored, if the content does not have its announced size and digest
   */
  create(path: string, content: ObjectContent, attempt?: Attempt): Promise<'created' | 'exists'>;

  stat(path: string, attempt?: Attempt): Promise<ObjectFacts | undefined>;

  /** Lists all objects below a prefix, in any order. */
  list(prefix: string, attempt?: Attempt): AsyncIterable<ObjectFacts>;

  /** Removes an object, if it exists. Only for maintenance. */
  remove(path: string, attempt?: Attempt): Promise<void>;
}
