// The error class of create-pinpack.
import { CodedError } from '@pinpack/common/coded-error';

export class CreateError extends CodedError<`CREATE_${string}`> {
  override readonly name = 'CreateError';
}
