// The effect of the build sandbox on stores: what is built without a sandbox is not shared. Imports nothing: the server process of each run loads it.
import type { PluginOptions } from './plugin-options.js';

export type Environment = Readonly<Record<string, string | undefined>>;
type SandboxOption = Pick<PluginOptions, 'sandbox'>;

/** Whether builds may run without a sandbox. Any unknown value counts as such, because this decides what is shared. */
export function isSandboxOff({ sandbox }: SandboxOption, { PINPACK_SANDBOX: chosen = '' }: Environment): boolean {
  return chosen === '' ? sandbox === 'off' : chosen !== 'on';
}

/** The environment for opening the store: without a sandbox nothing of the run is uploaded. */
export function storeEnvironment(options: SandboxOption, environment: Environment): Environment {
  if (!isSandboxOff(options, environment) || environment.PINPACK_STORE_MODE === 'off') return environment;
  return { ...environment, PINPACK_STORE_MODE: 'read' };
}
