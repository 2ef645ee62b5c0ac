// The command pinpack-store: selects a subcommand and reports its errors.
import { messageWithCode } from '@pinpack/common/coded-error';
import { StoreError } from '../store-error.js';
import { EXIT, UsageError, type Command, type Terminal } from './command.js';
import { GC } from './gc.js';
import { KEYGEN } from './keygen.js';
import { LS } from './ls.js';
import { SERVE } from './serve.js';
import { STAT } from './stat.js';
import { VERIFY } from './verify.js';

const COMMANDS: readonly Command[] = [SERVE, LS, STAT, GC, VERIFY, KEYGEN];
/** Errors of usage, which are found before anything is done. */
const USAGE_CODES = ['STORE_CONFIG_INVALID', 'STORE_LOCATION_INVALID', 'STORE_KEY_INVALID'];

/** @returns the exit code: 0, 1 (found something wrong, or failed) or 2 (invalid usage) */
export async function runCli(args: string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args;
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) return explain(name, terminal);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(command.help);
    return EXIT.good;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    return report(error, command, terminal);
  }
}

function explain(name: string, { out, error }: Terminal): number {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}\n`);
  const text = `pinpack-store COMMAND\n\n${lines.join('')}\nMore: pinpack-store COMMAND --help\n`;
  if (['--help', '-h', 'help'].includes(name)) {
    out(text);
    return EXIT.good;
  }
  error(name === '' ? text : `pinpack-store: "${name}" is not a command\n\n${text}`);
  return EXIT.usage;
}

function report(error: unknown, { name }: Command, terminal: Terminal): number {
  if (error instanceof UsageError) {
    terminal.error(`pinpack-store ${name}: ${error.message}\n  See: pinpack-store ${name} --help\n`);
    return EXIT.usage;
  }
  // Any other error is a bug, and keeps its stack.
  if (!(error instanceof StoreError)) throw error;
  terminal.error(`${messageWithCode(error)}\n`);
  return USAGE_CODES.includes(error.code) ? EXIT.usage : EXIT.bad;
}
