// Records where the data of a report come from. A source that is missing or fails leaves gaps in the report, which the page explains, and does not stop it.
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import type { SourceData } from './page-data.js';

export class Sources {
  readonly found: SourceData[] = [];

  /** @param read - returns the data and a line about them, or only a line if there are none */
  async use<Value>(name: string, read: () => Promise<{ value?: Value; text: string }>): Promise<Value | undefined> {
    try {
      const { value, text } = await read();
      this.found.push({ name, isMissing: value === undefined, text });
      return value;
    } catch (error) {
      // Anything else is a bug.
      if (!(error instanceof CodedError)) throw error;
      this.found.push({ name, isMissing: true, text: messageWithCode(error as CodedError) });
      return undefined;
    }
  }

  skip(name: string, text: string): void {
    this.found.push({ name, isMissing: true, text });
  }
}
