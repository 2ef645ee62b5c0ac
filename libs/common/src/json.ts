// Reads JSON that may be damaged or of another version: nothing is used before a schema has accepted it.
import type { z } from 'zod';
import { checkInput, type Checked } from './format-issues.js';

/** The value, or undefined if the text is no JSON or the schema rejects it: for caches and records that can be made again. Never throws. */
export function parseJson<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  return checkJson(text, schema).value;
}

/** The value, or every issue: for files whose errors a person has to fix. Never throws. */
export function checkJson<Schema extends z.ZodType>(text: string, schema: Schema): Checked<z.output<Schema>> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return { issues: ['the text is not JSON'] };
  }
  return checkInput(schema, input);
}
