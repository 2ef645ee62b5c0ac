// The setting of the build sandbox, and its effect on stores: what is built without a sandbox is not shared.
import { planBuildPolicy, type BuildPolicy } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import type { PluginOptions } from './plugin-options.js';

export type Environment = Readonly<Record<string, string | undefined>>;
type SandboxOption = Pick<PluginOptions, 'sandbox'>;

/** How builds are confined. `PINPACK_SANDBOX` overrides the plugin's option. @throws PinpackError `PINPACK_OPTION_INVALID` */
export function buildPolicyOf(options: PluginOptions, environment: Environment = process.env): BuildPolicy {
  const { PINPACK_SANDBOX: chosen = '' } = environment;
  if (!['', 'on', 'off'].includes(chosen))
    throw new PinpackError('PINPACK_OPTION_INVALID', 'PINPACK_SANDBOX', [`"${chosen}", expected on or off`]);
  return planBuildPolicy(isSandboxOff(options, environment) ? 'off' : 'on', options.builds);
}

/** Whether builds may run without a sandbox. Any unknown value counts as such, because this decides what is shared. */
export function isSandboxOff({ sandbox }: SandboxOption, { PINPACK_SANDBOX: chosen = '' }: Environment): boolean {
  return chosen === '' ? sandbox === 'off' : chosen !== 'on';
}

/** The environment for opening the store: without a sandbox nothing of the run is uploaded. */
export function storeEnvironment(options: SandboxOption, environment: Environment): Environment {
  if (!isSandboxOff(options, environment) || environment.PINPACK_STORE_MODE === 'off') return environment;
  return { ...environment, PINPACK_STORE_MODE: 'read' };
}

/** @throws PinpackError `PINPACK_UNSANDBOXED_CACHE` if Nx itself would upload what a build without a sandbox makes */
export function refuseSharedCache(environment: Environment, usesNxCloud: boolean): void {
  const { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: server = '', PINPACK_STORE_SERVER: own } = environment;
  const isCloud = (usesNxCloud || isSet(environment.NX_CLOUD_ACCESS_TOKEN)) && environment.NX_NO_CLOUD !== 'true';
  const isOther = server !== '' && server !== own;
  if (!isCloud && !isOther) return;
  throw new PinpackError('PINPACK_UNSANDBOXED_CACHE', 'build without a sandbox', [
    `Nx would upload its output to ${isOther ? 'the server of NX_SELF_HOSTED_REMOTE_CACHE_SERVER' : 'Nx Cloud'}, where others would trust it`,
    `${isOther ? 'Unset NX_SELF_HOSTED_REMOTE_CACHE_SERVER' : 'Set NX_NO_CLOUD=true'} for this run, or build with the sandbox.`,
  ]);
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}
