/** The one error class of this room. Codes are stable; messages say what was found, what was expected and what to do next. */
import { CodedError } from '@pinpack/common/coded-error';

export type OciErrorCode =
  'OCI_LOCATION_INVALID' | 'OCI_NOT_FOUND' | 'OCI_INVALID' | 'OCI_DAMAGED' | 'OCI_PLATFORM' | 'OCI_UNSUPPORTED';

export class OciError extends CodedError<OciErrorCode> {
  override readonly name = 'OciError';
}
