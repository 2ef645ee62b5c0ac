// The error class of the plugin.
import { CodedError } from '@pinpack/common/coded-error';

/** What is wrong between the workspace, its locks and its targets. */
export class PinpackError extends CodedError<`PINPACK_${string}`> {
  override readonly name = 'PinpackError';
}
