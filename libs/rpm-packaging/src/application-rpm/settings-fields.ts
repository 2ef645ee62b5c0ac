// Schemas of single settings. Every text is one line, since it ends up in unit files and RPM headers.
import { z } from 'zod';

const ONE_LINE = /^[^\u0000-\u001f\u007f\p{Surrogate}]+$/u;

/** A path below a folder, without `.` and `..`. It may contain `@NAME@` and `@REQSET@`. */
export const RELATIVE = /^(?!\.{1,2}(?:\/|$))[\w@.+-]+(?:\/(?!\.{1,2}(?:\/|$))[\w@.+-]+)*$/;

export const LINE = line(/^/, 'text on one line');
export const ACCOUNT = line(/^[a-z_][a-z0-9_-]{0,30}$/, 'a system account such as web-service');
export const LINES = z.array(LINE).describe('a list of texts, each on one line');
export const COMMAND = z.array(LINE).min(1).describe('a command and its arguments');
export const TEXTS = z.record(LINE, LINE).describe('a table of texts, each on one line');
export const VARIABLES = z
  .record(line(/^[A-Za-z_]\w*$/, 'the name of a variable'), LINE)
  .describe('a table of texts, each on one line');

/** Text on one line that matches the pattern. */
export function line(pattern: RegExp, expected: string): z.ZodString {
  return z
    .string()
    .refine((text) => ONE_LINE.test(text) && pattern.test(text))
    .describe(expected);
}

export function wholeNumber(from: number, to: number): z.ZodInt {
  return z.int().min(from).max(to).describe(`a whole number from ${from} to ${to}`);
}
