// Parses the command line of the program `pinpack` and runs a command.
import { parseArgs } from 'node:util';
import { setLabel } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { reportFailure } from '../tasks/report-failure.js';
import { readLockedSets } from '../workspace/locked-sets.js';
import { COMMANDS, type Command, type Values } from './commands.js';
import { openWorkspace } from './open-workspace.js';

const FAILED = 1;
const MISUSED = 2;

const COMMON = {
  json: { type: 'boolean' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code */
export async function runCli(words: readonly string[], folder: string): Promise<number> {
  const [name = '', ...rest] = words;
  if (['', 'help', '--help', '-h'].includes(name)) {
    console.log(usage());
    return name === '' ? MISUSED : 0;
  }
  const command = COMMANDS[name];
  if (command === undefined) return misuse(`unknown command ${name}`);
  const parsed = parse(name, command, rest);
  if (typeof parsed === 'string') return misuse(parsed);
  if (parsed.help === true) {
    console.log(usage());
    return 0;
  }
  const outcomes: { success: boolean }[] = [];
  const { message } = await reportFailure(async () => {
    const { root, nxJsonConfiguration } = await openWorkspace(folder);
    const { reqset } = parsed;
    const values = typeof reqset === 'string' ? { ...parsed, reqset: findSet(root, reqset) } : parsed;
    outcomes.push(await command.run(values, { root, nxJsonConfiguration }));
  });
  if (message !== undefined) console.error(message);
  return outcomes.some(({ success }) => success) ? 0 : FAILED;
}

/** The values, or what is wrong. */
function parse(
  name: string,
  { positionals, optional = [], options = {} }: Command,
  words: readonly string[],
): Values | string {
  try {
    const parsed = parseArgs({ args: [...words], options: { ...COMMON, ...options }, allowPositionals: true });
    if (parsed.values.help === true) return { help: true };
    const missing = positionals.slice(parsed.positionals.length);
    if (missing.length > 0) return `${name}: <${missing.join('> <')}> is missing`;
    const keys = [...positionals, ...optional];
    if (parsed.positionals.length > keys.length)
      return `${name}: unexpected ${parsed.positionals.slice(keys.length).join(' ')}`;
    const named = keys.slice(0, parsed.positionals.length).map((key, index) => [key, parsed.positionals[index]]);
    const values = Object.entries(parsed.values).map(([key, value]) => [camelCase(key), value]);
    return Object.fromEntries([...values, ...named]) as Values;
  } catch (error) {
    // parseArgs throws a TypeError that names the option.
    return `${name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A set by its name or the name of its project. @throws PinpackError `PINPACK_SET_UNKNOWN` */
function findSet(root: string, name: string): string {
  const sets = readLockedSets(root);
  const found = sets.find((set) => set === name || setLabel(set) === name);
  if (found !== undefined) return found;
  throw new PinpackError('PINPACK_SET_UNKNOWN', name, [
    'there is no reqset of this name with a lock',
    sets.length === 0
      ? 'No reqset of the workspace has a lock. Make one: nx run <reqset>:lock'
      : `expected one of ${sets.join(', ')}`,
  ]);
}

function misuse(problem: string): number {
  console.error(`pinpack: ${problem}\n\n${usage()}`);
  return MISUSED;
}

function usage(): string {
  const rows = Object.entries(COMMANDS).map(([name, { about, positionals, optional = [] }]) => {
    const words = [name, ...positionals.map((one) => `<${one}>`), ...optional.map((one) => `[<${one}>]`)].join(' ');
    return `  pinpack ${words.padEnd(22)} ${about}`;
  });
  return [
    'Questions about the reqsets of the workspace. Everything else is a target: npx nx run <reqset>:<target>',
    '',
    ...rows,
    '',
    '  --json           print JSON, and nothing else',
    '  --output <file>  write the JSON, or the page of report --html, to a file',
  ].join('\n');
}
