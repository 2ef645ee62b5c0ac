// Shared code of the commands of pinpack-store: parsing of arguments (node:util parseArgs) and exit codes.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Environment } from '../store/plan-store.js';

/** 1: found a problem, or failed. 2: invalid usage, nothing was done. */
export const EXIT = { good: 0, bad: 1, usage: 2 } as const;

export interface Terminal {
  /** Prints to stdout. */
  out: (text: string) => void;
  /** Prints to stderr. */
  error: (text: string) => void;
  environment: Environment;
  signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  help: string;
  /** @returns the exit code */
  run: (args: string[], terminal: Terminal) => Promise<number>;
}

/** Invalid arguments. The output refers to the help of the command. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Read<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>;

/**
 * @param words - positional arguments, optional ones as `[word]`
 * @throws UsageError for unknown options, and for missing or unexpected arguments
 */
export function parseWords<T extends Options>(
  args: string[],
  options: T,
  words: readonly string[] = [],
): { values: Read<T>['values']; words: string[] } {
  const { values, positionals } = readArgs(args, options);
  const required = words.filter((word) => !word.startsWith('['));
  if (positionals.length < required.length) throw new UsageError(`expected ${required.join(' ')}`);
  const surplus = positionals[words.length];
  if (surplus !== undefined) throw new UsageError(`"${surplus}" is unexpected`);
  return { values, words: positionals };
}

function readArgs<T extends Options>(args: string[], options: T): Read<T> {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node adds advice about "--" to what it found.
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}
