// The base of pinpack's error classes: one class for each package, each with stable codes (docs/errors.md).
import { redactUrls } from './redact.js';

/** An error that the user can act on. The message gives the subject, what was found, what was expected and the next step. */
export class CodedError<Code extends string = string> extends Error {
  override readonly name: string = 'CodedError';
  /** The file, package or URL of the message. */
  readonly subject: string;

  /**
   * @param code - stable; documented in docs/errors.md
   * @param subject - a file, a package, a URL. Secrets in URLs are removed from it and from the lines
   * @param lines - what was found, what was expected, the next step
   */
  constructor(
    readonly code: Code,
    subject: string,
    lines: string | readonly string[],
    options?: ErrorOptions,
  ) {
    super(redactUrls(`${subject}: ${typeof lines === 'string' ? lines : lines.join('\n  ')}`), options);
    this.subject = redactUrls(subject);
  }
}

/** The message with the code at the end of its first line: `reqsets/x/reqset.json: … [PINPACK_SETTINGS_INVALID]`. */
export function messageWithCode({ code, message }: CodedError): string {
  return message.replace(/$/m, ` [${code}]`);
}
