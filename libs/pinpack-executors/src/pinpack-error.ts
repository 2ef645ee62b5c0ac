/** The error of the plugin's own room: what is wrong between the workspace, its locks and its targets. */
export class PinpackError extends Error {
  override readonly name = 'PinpackError';

  /** @param lines - what was found, what was expected, the next step */
  constructor(
    readonly code: `PINPACK_${string}`,
    readonly subject: string,
    lines: string | readonly string[],
    options?: ErrorOptions,
  ) {
    super(`${subject}: ${typeof lines === 'string' ? lines : lines.join('\n  ')}`, options);
  }
}
