// A command of the program: what it takes, and what it answers.
import { readFile } from 'node:fs/promises';
import type { ParseArgsConfig } from 'node:util';

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

/** @throws Error of the system, which names the file */
export async function readAll(files: readonly string[]): Promise<{ file: string; bytes: Buffer }[]> {
  return Promise.all(files.map(async (file) => ({ file, bytes: await readFile(file) })));
}

export function formatTime(seconds: number | undefined): string {
  return seconds === undefined ? '(none)' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
