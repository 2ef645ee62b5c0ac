// What can go wrong with a store, by stable codes. Faults of a remote store are caught where a build asks: there they are misses.
import { CodedError } from '@pinpack/common/coded-error';

export type StoreErrorCode =
  /** The URL, an option or an environment variable names no store that pinpack knows. */
  | 'STORE_LOCATION_INVALID'
  /** What was produced or received has another digest or size than was asked for. */
  | 'STORE_CONTENT_DIFFERS'
  /** Refused, reset, no such name, no answer in time, 5xx, slow down: trying later may help. */
  | 'STORE_UNREACHABLE'
  /** 401, 403, a wrong key or token, a folder's permissions: trying again doesn't help. */
  | 'STORE_FORBIDDEN'
  /** The store answered what no store of pinpack's would: no such bucket, a record that isn't one. */
  | 'STORE_ANSWER_INVALID'
  /** An entry without a signature, or with one that none of the configured public keys made. */
  | 'STORE_SIGNATURE_INVALID'
  /** A key that is no Ed25519 key, or a key file that can't be read. */
  | 'STORE_KEY_INVALID'
  /** The standalone server's configuration file. */
  | 'STORE_CONFIG_INVALID'
  /** Disk full, damaged: of the local folder. */
  | 'STORE_LOCAL_FAILED';

/** The store could not keep or hand out something. The message holds no secret. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = 'StoreError';
}
