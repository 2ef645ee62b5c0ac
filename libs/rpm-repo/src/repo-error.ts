/** The error class of this package. */
import { CodedError } from '@pinpack/common/coded-error';

export type RepoErrorCode =
  /** A program that isn't installed; the message names its packages. */
  | 'REPO_PROGRAM_MISSING'
  /** A program that failed; the message has its command, exit code and last output. */
  | 'REPO_PROGRAM_FAILED'
  /** A key that gpg doesn't have, that has expired or was revoked, or that can't sign. */
  | 'REPO_KEY_UNUSABLE'
  /** Metadata that lacks packages, or has others than those that went in. */
  | 'REPO_METADATA_DIFFERS'
  /** A repository.json that no version of pinpack wrote. */
  | 'REPO_RECORD_INVALID';

export class RepoError extends CodedError<RepoErrorCode> {
  override readonly name = 'RepoError';
}
