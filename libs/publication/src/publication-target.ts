// Where releases are published: a folder, or an S3 bucket. A store's objects are written once; here the pointers to the latest release change too,
// by compare and swap, so this is an interface of its own.
import type { Attempt, ObjectContent } from '@pinpack/build-store/object-storage';

/** A file of a publication. Its path is below the release, or below the label where it is one that changes. */
export interface PublishedFile extends ObjectContent {
  /** With `/`, without `.` and `..`. */
  path: string;
  /** As HTTP says it: `application/xml`. */
  contentType: string;
}

/** Whether readers and caches in between may keep an object, or must ask again each time. */
export type Lifetime = 'immutable' | 'changing';

export interface PlacedObject {
  bytes: Uint8Array;
  /** Another one for other bytes. */
  version: string;
}

export interface PlacedDigest {
  /** Bytes. */
  size: number;
  /** In hex; undefined where the place doesn't know it. */
  sha256: string | undefined;
}

/**
 * One place of publications. Every method throws StoreError `STORE_UNREACHABLE`, `STORE_FORBIDDEN`, `STORE_ANSWER_INVALID`, and
 * `STORE_LOCAL_FAILED` for a fault of the local disk; what may pass was tried again before. `publication.fixture.ts` is the table of what both do.
 */
export interface PublicationTarget {
  /** For people, without secrets: `s3://bucket/prefix`, `/srv/published`. */
  readonly location: string;
  /** How many files are sent at a time. */
  readonly atOnce: number;

  /** A small object, whole. One of more than `limit` bytes is `STORE_ANSWER_INVALID`. */
  read(path: string, limit: number, attempt?: Attempt): Promise<PlacedObject | undefined>;

  /** As ObjectBackend's. */
  download(path: string, file: string, attempt?: Attempt): Promise<{ size: number; sha256: string } | undefined>;

  isThere(path: string): Promise<boolean>;

  digest(path: string): Promise<PlacedDigest | undefined>;

  /**
   * Writes an object unless there is one. Readers see it whole or not at all.
   *
   * @throws StoreError `STORE_CONTENT_DIFFERS`, when what arrived has another size or digest than the file says
   */
  create(path: string, file: PublishedFile): Promise<'created' | 'exists'>;

  /** Makes an object of another one's bytes, without sending them. False where that one is gone or isn't what the file says. */
  copy(from: string, path: string, file: PublishedFile): Promise<boolean>;

  /**
   * Writes an object that changes. Readers see the old one or the new one, whole.
   *
   * @param expected - the version to replace, `absent` for none, `any` for whichever is there
   * @returns false, and nothing is changed, where another version is there
   */
  replace(path: string, file: PublishedFile, expected: { version: string } | 'absent' | 'any'): Promise<boolean>;

  /** The names directly below a prefix that ends in `/`, of objects and of what has objects below. */
  names(prefix: string): Promise<string[]>;

  /** Every object below a prefix that ends in `/`: its path and size in bytes. */
  sizes(prefix: string): Promise<Map<string, number>>;

  remove(path: string): Promise<void>;

  /** Removes every object below a prefix that ends in `/`. */
  removeAll(prefix: string): Promise<void>;

  /** Removes what killed publishers left half-written, where the place has such, and it is older than a day. */
  clean(now: Date): Promise<void>;

  /** The path of the object that answers a request for `<folder>/`, where an index page needs one of its own; undefined where not. */
  indexTwin(path: string): Promise<string | undefined>;
}
