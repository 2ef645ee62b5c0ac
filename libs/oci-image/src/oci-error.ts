/** The one error class of this room. Codes are stable; messages say what was found, what was expected and what to do next. */
export type OciErrorCode =
  'OCI_LOCATION_INVALID' | 'OCI_NOT_FOUND' | 'OCI_INVALID' | 'OCI_DAMAGED' | 'OCI_PLATFORM' | 'OCI_UNSUPPORTED';

export class OciError extends Error {
  override readonly name = 'OciError';

  /** @param subject - an image, a blob, a file */
  constructor(
    readonly code: OciErrorCode,
    readonly subject: string,
    lines: string | readonly string[],
    options?: ErrorOptions,
  ) {
    super(`${subject}: ${typeof lines === 'string' ? lines : lines.join('\n  ')}`, options);
  }
}
