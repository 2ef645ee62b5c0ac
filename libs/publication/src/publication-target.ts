// Interface of the storage of publications: a folder or an S3 bucket. Objects of a store are write-once; here, pointers are replaced by
// compare-and-swap, so this is a separate interface.
import type { Attempt, ObjectContent } from '@pinpack/build-store/object-storage';

/** A file to publish. Its path is relative to the publication, or to the label for a mutable file. */
export interface PublishedFile extends ObjectContent {
  /** Separated by `/`, without `.` and `..`. */
  path: string;
  /** `application/xml` */
  contentType: string;
}

/** Whether readers and HTTP caches may keep an object, or must revalidate it each time. */
export type Lifetime = 'immutable' | 'changing';

export interface PlacedObject {
  bytes: Uint8Array;
  /** Differs for different bytes. */
  version: string;
}

export interface PlacedDigest {
  /** In bytes. */
  size: number;
  /** In hex; undefined if the target does not know it. */
  sha256: string | undefined;
}

/**
 * Storage of publications. Every method throws StoreError `STORE_UNREACHABLE`, `STORE_FORBIDDEN`, `STORE_ANSWER_INVALID`, and
 * `STORE_LOCAL_FAILED` for an error of the local disk. Transient errors are retried first. `publications.fixture.ts` tests both implementations.
 */
export interface PublicationTarget {
  /** For messages, without secrets: `s3://bucket/prefix`, `/srv/published`. */
  readonly location: string;
  /** Number of concurrent transfers. */
  readonly atOnce: number;

  /** Reads a small object. More than `limit` bytes are `STORE_ANSWER_INVALID`. */
  read(path: string, limit: number, attempt?: Attempt): Promise<PlacedObject | undefined>;

  /** Like `ObjectBackend.download`. */
  download(path: string, file: string, attempt?: Attempt): Promise<{ size: number; sha256: string } | undefined>;

  isThere(path: string): Promise<boolean>;

  digest(path: string): Promise<PlacedDigest | undefined>;

  /**
   * Creates an object unless it exists. Readers see the complete object or none.
   *
   * @throws StoreError `STORE_CONTENT_DIFFERS`, if the content does not have the size and digest of the file
   */
  create(path: string, file: PublishedFile): Promise<'created' | 'exists'>;

  /** Copies an object within the target. False if the source is gone or does not have the size and digest of the file. */
  copy(from: string, path: string, file: PublishedFile): Promise<boolean>;

  /**
   * Replaces a mutable object. Readers see the complete old or new object.
   *
   * @param expected - the version to replace; `absent` to create the object, `any` to replace any version
   * @returns false, without a change, if another version exists
   */
  replace(path: string, file: PublishedFile, expected: { version: string } | 'absent' | 'any'): Promise<boolean>;

  /** Lists the names of objects and folders directly below a prefix, which ends with `/`. */
  names(prefix: string): Promise<string[]>;

  /** Lists the paths and sizes in bytes of all objects below a prefix, which ends with `/`. */
  sizes(prefix: string): Promise<Map<string, number>>;

  remove(path: string): Promise<void>;

  /** Removes all objects below a prefix, which ends with `/`. */
  removeAll(prefix: string): Promise<void>;

  /** Removes unfinished files of killed publishers that are older than a day. */
  clean(now: Date): Promise<void>;

  /** Path of a second copy of an index page, which serves requests for `<folder>/`; undefined if none is needed. */
  indexTwin(path: string): Promise<string | undefined>;
}
