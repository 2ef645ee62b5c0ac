// The commands of the program `pinpack`: questions that need no run of Nx.
import type { ParseArgsConfig } from 'node:util';
import type { NxJsonConfiguration } from '@nx/devkit';

export interface CommandContext {
  /** The workspace's root. */
  root: string;
  nxJsonConfiguration: NxJsonConfiguration;
}

/** Values of options, and of positional arguments by name. */
export type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  about: string;
  /** Names of positional arguments: `reqset` is a set with a lock. */
  positionals: readonly string[];
  /** Those that may be absent, after the others. */
  optional?: readonly string[];
  options?: NonNullable<ParseArgsConfig['options']>;
  run: (values: Values, context: CommandContext) => Promise<{ success: boolean }>;
}

type Executor = (options: never, context: CommandContext) => Promise<{ success: boolean }>;

/** Loaded when it is run: most of them load much. */
function executor(load: () => Promise<{ default: unknown }>): Command['run'] {
  return async (values, context) => ((await load()).default as Executor)(values as never, context);
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  why: {
    about: 'explains why a pin is in the lock',
    positionals: ['reqset', 'pin'],
    run: executor(() => import('../executors/why/executor.js')),
  },
  report: {
    about: 'reports the wheels that a reqset adds to the others, or makes a page: --html',
    positionals: [],
    optional: ['reqset'],
    options: { html: { type: 'boolean' }, publication: { type: 'string' }, offline: { type: 'boolean' } },
    run: executor(() => import('../executors/report/executor.js')),
  },
  outdated: {
    about: 'lists newer versions of the pins (network)',
    positionals: ['reqset'],
    run: executor(() => import('../executors/outdated/executor.js')),
  },
  releases: {
    about: 'lists the publications (network)',
    positionals: ['reqset'],
    run: executor(() => import('../executors/releases/executor.js')),
  },
  audit: {
    about: 'reports known vulnerabilities of the pins',
    positionals: ['reqset'],
    options: { 'fail-on': { type: 'string' } },
    run: executor(() => import('../executors/audit/executor.js')),
  },
  doctor: {
    about: 'checks the machine and the services that the workspace uses (network)',
    positionals: [],
    run: executor(() => import('../executors/doctor/executor.js')),
  },
  setup: {
    about: 'installs uv into .venv unless the machine has it (network)',
    positionals: [],
    run: async (_, { root }) => {
      console.log(await (await import('../setup/bring-uv.js')).bringUv(root));
      return { success: true };
    },
  },
};
