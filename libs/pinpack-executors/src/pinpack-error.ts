// The error class of the plugin, and the form in which errors are printed.
import { CodedError } from '@pinpack/common/coded-error';

/** An error in the workspace, its locks or its targets. */
export class PinpackError extends CodedError<`PINPACK_${string}`> {
  override readonly name = 'PinpackError';
}

/** The message with the code at the end of its first line: `reqsets/x/reqset.json: … [PINPACK_SETTINGS_INVALID]`. */
export function messageWithCode({ code, message }: CodedError): string {
  return message.replace(/$/m, ` [${code}]`);
}
