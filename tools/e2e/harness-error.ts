export type HarnessErrorCode = 'HARNESS_UNUSABLE' | 'PROGRAM_FAILED';

/** A test cannot be run here, or a program that it needs failed; the message ends with the next step. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';

  constructor(
    readonly code: HarnessErrorCode,
    readonly subject: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${subject}: ${message}`, options);
  }
}
