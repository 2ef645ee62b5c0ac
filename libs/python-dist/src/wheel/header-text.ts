/** Parses the header fields of METADATA and WHEEL: RFC 822 as in Python's `email` (core metadata specification). */
import { distError, type DistErrorCode } from '../dist-error.js';

/** Field names are in lower case; a repeated field has several values. */
export interface HeaderText {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** The text after the first empty line, if there is one. */
  readonly body?: string;
}

/** Parses header fields and the body. Continuation lines keep their line breaks. */
export function parseHeaderText(text: string, subject: string, code: DistErrorCode): HeaderText {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const end = lines.indexOf('');
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const [index, line] of (end === -1 ? lines : lines.slice(0, end)).entries()) {
    if (/^[ \t]/.test(line) && values !== undefined) {
      values.push(`${values.pop() ?? ''}\n${line}`);
      continue;
    }
    const [, name, value] = /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw distError(subject, code, [`line ${index + 1} is not "Field: value"`, `found ${JSON.stringify(line)}`]);
    }
    values = fields.get(name.toLowerCase()) ?? [];
    values.push(value.trimStart());
    fields.set(name.toLowerCase(), values);
  }
  return end === -1 ? { fields } : { fields, body: lines.slice(end + 1).join('\n') };
}
