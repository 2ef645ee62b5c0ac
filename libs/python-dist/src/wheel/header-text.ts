/** Header fields as METADATA and WHEEL write them: RFC 822 as Python's `email` reads it (core metadata specification). */
import { distError, type DistErrorCode } from '../dist-error.js';

/** Field names are in lower case; a field that occurs several times has several values. */
export interface HeaderText {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** What follows the first empty line, or undefined where there is none. */
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
