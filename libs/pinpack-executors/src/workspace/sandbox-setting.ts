// The setting of the build sandbox, and its effect on Nx's own caches: what is built without a sandbox is not shared.
import { planBuildPolicy, type BuildPolicy } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import type { PluginOptions } from './plugin-options.js';
import { isSandboxOff, type Environment } from './store-environment.js';

/** How builds are confined. `PINPACK_SANDBOX` overrides the plugin's option. @throws PinpackError `PINPACK_OPTIONS_INVALID` */
export function buildPolicyOf(options: PluginOptions, environment: Environment = process.env): BuildPolicy {
  const { PINPACK_SANDBOX: chosen = '' } = environment;
  if (!['', 'on', 'off'].includes(chosen))
    throw new PinpackError('PINPACK_OPTIONS_INVALID', 'PINPACK_SANDBOX', [`"${chosen}", expected on or off`]);
  return planBuildPolicy(isSandboxOff(options, environment) ? 'off' : 'on', options.builds);
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
