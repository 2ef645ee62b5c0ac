/** The error class of this package. */
import { CodedError } from '@pinpack/common/coded-error';

export type RpmErrorCode =
  | 'RPM_SPEC_INVALID'
  | 'RPM_ENTRIES_INVALID'
  | 'RPM_CONTENT_MISMATCH'
  | 'RPM_COMPRESSION_INVALID'
  | 'RPM_TOO_LARGE'
  | 'RPM_VERSION_INVALID'
  | 'RPM_SIGNATURE_INVALID'
  | 'RPM_KEY_INVALID'
  | 'RPM_EXTRACT_REFUSED'
  | 'RPM_UNSUPPORTED'
  | 'RPM_DAMAGED';

export class RpmError extends CodedError<RpmErrorCode> {
  override readonly name = 'RpmError';
}

/** One error for all the issues that a validation gathered; does nothing if there are none. */
export function throwIssues(code: RpmErrorCode, subject: string, issues: readonly string[], nextStep: string): void {
  if (issues.length === 0) return;
  throw new RpmError(code, subject, [...issues, nextStep].join('\n  '));
}
