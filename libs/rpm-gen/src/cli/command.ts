// A command of the program: what it takes, and what it answers.
import { readFile, stat } from 'node:fs/promises';
import type { ParseArgsConfig } from 'node:util';
import { RpmError } from '../errors.js';
import type { HeaderTags } from '../tags.js';
import { openRpmFile, type OpenRpm } from '../read-rpm-file.js';

/** Node reads no larger file as a whole. */
const LARGEST_WHOLE = 2 * 1024 ** 3 - 1;

export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

export interface Answer {
  text: string;
  json: unknown;
  /** Default true. */
  success?: boolean;
}

export interface Command {
  synopsis: string;
  about: string;
  /** Least and most number of files. */
  files: readonly [least: number, most: number];
  options?: NonNullable<ParseArgsConfig['options']>;
  run: (files: readonly string[], values: Values) => Promise<Answer>;
}

/** @throws Error of the system, which names the file; RpmError `RPM_TOO_LARGE` */
export async function readAll(files: readonly string[]): Promise<{ file: string; bytes: Buffer }[]> {
  return Promise.all(
    files.map(async (file) => {
      const { size } = await stat(file);
      if (size <= LARGEST_WHOLE) return { file, bytes: await readFile(file) };
      const message = `has ${size} bytes, expected at most ${LARGEST_WHOLE}. Use rpm's own program: rpmsign --addsign`;
      throw new RpmError('RPM_TOO_LARGE', file, message);
    }),
  );
}

/** A package of any size. @throws Error of the system, which names the file */
export async function withRpm<Result>(file: string, use: (rpm: OpenRpm) => Promise<Result> | Result): Promise<Result> {
  const rpm = await openRpmFile(file);
  try {
    return await use(rpm);
  } finally {
    await rpm.close();
  }
}

export async function readHeaders(files: readonly string[]): Promise<HeaderTags[]> {
  return Promise.all(files.map((file) => withRpm(file, ({ read }) => read.header)));
}

export function formatTime(seconds: number | undefined): string {
  return seconds === undefined ? '(none)' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
