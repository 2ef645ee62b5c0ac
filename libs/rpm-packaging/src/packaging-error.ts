// The error class of this package.
import { CodedError } from '@pinpack/common/coded-error';

/** What cannot be packaged: a wheel, an application or an image that differs from its lock, or a missing tool. */
export class PackagingError extends CodedError<`PINPACK_${string}`> {
  override readonly name = 'PackagingError';
}
