// Parses the command line of the program `rpm-gen` and runs a command.
import { parseArgs } from 'node:util';
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import { escapeControlCharacters } from '@pinpack/common/control-characters';
import { diffCommand } from './diff.js';
import { extractCommand } from './extract.js';
import { filesCommand } from './files.js';
import { inspectCommand } from './inspect.js';
import { signCommand } from './sign.js';
import { verifyCommand } from './verify.js';
import type { Command, Values } from './command.js';

const FAILED = 1;
const MISUSED = 2;

export const COMMANDS: Record<string, Command> = {
  inspect: inspectCommand,
  files: filesCommand,
  extract: extractCommand,
  verify: verifyCommand,
  diff: diffCommand,
  sign: signCommand,
};

const COMMON = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

/** @returns the exit code: 1 for a failure or a difference, 2 for a wrong command line */
export async function runCli(words: readonly string[]): Promise<number> {
  const [name = '', ...rest] = words;
  if (['', 'help', '--help', '-h'].includes(name)) {
    console.log(usage());
    return name === '' ? MISUSED : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return misuse(`unknown command ${name}`);
  const parsed = parse(command, rest);
  if (typeof parsed === 'string') return misuse(`${name}: ${parsed}`);
  if (parsed.values.help === true) {
    console.log(usage());
    return 0;
  }
  try {
    const { text, json, success = true } = await command.run(parsed.files, parsed.values);
    // Names and texts of a package come from elsewhere.
    const plain = escapeControlCharacters(text);
    console.log(parsed.values.json === true ? JSON.stringify(json, undefined, 2) : plain);
    return success ? 0 : FAILED;
  } catch (error) {
    if (!isExpected(error)) throw error;
    const message = error instanceof CodedError ? messageWithCode(error as CodedError) : error.message;
    console.error(escapeControlCharacters(message));
    return FAILED;
  }
}

/** A user's mistake: a coded error, or a file that can't be read or written. */
function isExpected(error: unknown): error is Error {
  return error instanceof CodedError || (error instanceof Error && 'syscall' in error);
}

function parse(command: Command, words: readonly string[]): { files: string[]; values: Values } | string {
  try {
    const options = { ...COMMON, ...command.options };
    const { values, positionals: files } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [least, most] = command.files;
    const isRight = values.help === true || (files.length >= least && files.length <= most);
    const expected = least === most ? `${least}` : `${least} or more`;
    return isRight ? { files, values } : `found ${files.length} files, expected ${expected}`;
  } catch (error) {
    // parseArgs throws a TypeError that names the option.
    return error instanceof Error ? error.message : String(error);
  }
}

function misuse(problem: string): number {
  console.error(`rpm-gen: ${problem}\n\n${usage()}`);
  return MISUSED;
}

function usage(): string {
  const rows = Object.entries(COMMANDS).map(([name, { synopsis, about }]) =>
    `  rpm-gen ${`${name} ${synopsis}`.padEnd(44)} ${about}`.trimEnd(),
  );
  return ['Reads, verifies and signs RPM packages.', '', ...rows, '', '  --json   print JSON'].join('\n');
}
