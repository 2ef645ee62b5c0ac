// The error class of the plugin.
import { CodedError } from '@pinpack/common/coded-error';

/** An error in the workspace, its locks or its targets. */
export class PinpackError extends CodedError<`PINPACK_${string}`> {
  override readonly name = 'PinpackError';
}
