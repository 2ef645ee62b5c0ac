/** The error class of this package. */
import { CodedError } from '@pinpack/common/coded-error';

export type OciErrorCode =
  'OCI_LOCATION_INVALID' | 'OCI_NOT_FOUND' | 'OCI_INVALID' | 'OCI_DAMAGED' | 'OCI_PLATFORM' | 'OCI_UNSUPPORTED';

export class OciError extends CodedError<OciErrorCode> {
  override readonly name = 'OciError';
}
