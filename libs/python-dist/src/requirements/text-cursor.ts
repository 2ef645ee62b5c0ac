/** A position in a line of text for recursive-descent parsers. Errors mark it with a caret. */
import { distError, type DistError, type DistErrorCode } from '../dist-error.js';

export class TextCursor {
  position = 0;

  constructor(
    readonly text: string,
    readonly code: DistErrorCode,
  ) {}

  /** Consumes and returns a match of the sticky pattern, or returns undefined. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  /** Consumes and returns a match of the sticky pattern. Throws if there is none. */
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

  /** An error that ends with the text and a caret below the column. Columns start at 1. */
  error(problem: string, position = this.position): DistError {
    const found = position >= this.text.length ? 'the end' : JSON.stringify(this.text.slice(position, position + 1));
    // Keeps tabs so that the caret is below its column.
    const margin = this.text.slice(0, position).replace(/[^\t]/g, ' ');
    return distError(this.text, this.code, [
      `column ${position + 1}: ${problem}, found ${found}`,
      this.text,
      `${margin}^`,
    ]);
  }
}
