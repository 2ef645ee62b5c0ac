/** A position in a line of text that recursive-descent parsers move along, and that errors point at with a caret. */
import { distError, type DistError, type DistErrorCode } from '../dist-error.js';

export class TextCursor {
  position = 0;

  constructor(
    readonly text: string,
    readonly code: DistErrorCode,
  ) {}

  /** Takes what the sticky pattern matches here, or nothing. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  /** Takes what the sticky pattern matches here, or throws that `expected` is missing. */
  expect(pattern: RegExp, expected: string): string {
    const found = this.take(pattern);
    if (found === undefined) throw this.error(`expected ${expected}`);
    return found;
  }

  skipBlanks(): void {
    this.take(/[ \t]*/y);
  }

  atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** An error whose last two lines are the text and a caret under the column (counted from 1). */
  error(problem: string, position = this.position): DistError {
    const found = position >= this.text.length ? 'the end' : JSON.stringify(this.text.slice(position, position + 1));
    // Tabs stay tabs so that the caret stands below its column.
    const margin = this.text.slice(0, position).replace(/[^\t]/g, ' ');
    return distError(this.text, this.code, [
      `column ${position + 1}: ${problem}, found ${found}`,
      this.text,
      `${margin}^`,
    ]);
  }
}
