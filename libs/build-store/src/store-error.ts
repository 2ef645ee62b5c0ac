// The errors of stores and publications, with stable codes. During a build, errors of a remote store are caught and count as misses.
import { CodedError } from '@pinpack/common/coded-error';

export type StoreErrorCode =
  /** The URL, an option or an environment variable is not a supported store. */
  | 'STORE_LOCATION_INVALID'
  /** Produced or received content does not have the expected digest or size. */
  | 'STORE_CONTENT_DIFFERS'
  /** Connection refused or reset, unknown host, timeout, 5xx, slow down: a later attempt may succeed. */
  | 'STORE_UNREACHABLE'
  /** 401, 403, a wrong key or token, permissions of a folder: another attempt does not help. */
  | 'STORE_FORBIDDEN'
  /** The response is not one of a pinpack store: no such bucket, an invalid record. */
  | 'STORE_ANSWER_INVALID'
  /** An entry without a signature, or with one of an unknown key. */
  | 'STORE_SIGNATURE_INVALID'
  /** Not an Ed25519 key, or an unreadable key file. */
  | 'STORE_KEY_INVALID'
  /** An invalid configuration file of the standalone server. */
  | 'STORE_CONFIG_INVALID'
  /** An error of the local disk: full, damaged. */
  | 'STORE_LOCAL_FAILED';

/** Error of a store or a publication. The message contains no secrets. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = 'StoreError';
}
