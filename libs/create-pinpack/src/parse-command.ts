// Parses the command line.
import { parseArgs } from 'node:util';
import { CreateError } from './create-error.js';

export interface CreateCommand {
  /** Relative to the current folder. */
  folder: string;
  /** Options of the generator `pinpack:init`. */
  init: string[];
}

export const USAGE = `Usage: npx create-pinpack [folder] [options]

Sets up a workspace for pinpack in the folder, by default the current one: installs nx and pinpack, and runs npx nx g pinpack:init.

  --reqsets <which>  all, none, or files separated by commas: which requirements files, projects and locks become reqsets.
                     Default: asked on a terminal, listed elsewhere
  --store <url>      the store that all clones and CI share: file:, s3: or https:
  --no-uv            do not install uv into .venv
  --help`;

/** @throws CreateError `CREATE_OPTIONS_INVALID` */
export function parseCommand(words: readonly string[]): CreateCommand | 'help' {
  const { values, positionals } = parse(words);
  if (values.help === true) return 'help';
  const [folder = '.', ...more] = positionals;
  if (more.length > 0) throw misuse(`unexpected ${more.join(' ')}, expected one folder`);
  const { reqsets, store, uv } = values;
  return {
    folder,
    init: [
      ...(reqsets === undefined ? [] : [`--reqsets=${reqsets}`]),
      ...(store === undefined ? [] : [`--store=${store}`]),
      ...(uv === false ? ['--uv=false'] : []),
    ],
  };
}

const OPTIONS = {
  reqsets: { type: 'string' },
  store: { type: 'string' },
  uv: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true, allowNegative: true });
  } catch (cause) {
    // parseArgs throws a TypeError that names the option.
    throw misuse(cause instanceof Error ? cause.message : String(cause));
  }
}

function misuse(problem: string): CreateError {
  return new CreateError('CREATE_OPTIONS_INVALID', 'create-pinpack', [problem, ...USAGE.split('\n')]);
}
