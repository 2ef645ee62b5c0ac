// Plans the use of the store in a run, from the plugin's options and the environment. Pure.
import type { PluginOptions } from '../workspace/plugin-options.js';

export type Environment = Record<string, string | undefined>;

export interface RunPlan {
  /** The store's URL, not validated yet. */
  url: string;
  publicKeys: readonly string[];
  /** Whether the run serves Nx's remote cache: a server that the user configured takes precedence. */
  servesNx: boolean;
  /** The plugin's option; see `storeEnvironment`. */
  sandbox: 'on' | 'off';
  /** How long the end of the run waits for uploads, in milliseconds. */
  deadline: number;
}

const DEFAULT_DEADLINE_S = 60;
/** Nx fails a run whose hook takes more than ten minutes. */
const LONGEST_DEADLINE_S = 540;

/** @returns undefined if no store is configured: then Nx uses its own cache, and executors use the store in the user's cache folder */
export function planRun(options: PluginOptions | undefined, environment: Environment): RunPlan | undefined {
  const url = [environment.PINPACK_STORE, options?.store].find(isSet);
  if (url === undefined || environment.PINPACK_STORE_MODE === 'off') return undefined;
  const seconds = options?.uploadDeadline;
  return {
    url,
    publicKeys: options?.publicKeys ?? [],
    servesNx: !isServedByUser(environment),
    sandbox: options?.sandbox ?? 'on',
    deadline: 1000 * (isSeconds(seconds) ? Math.min(seconds, LONGEST_DEADLINE_S) : DEFAULT_DEADLINE_S),
  };
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Whether the user configured a cache server. `PINPACK_STORE_SERVER` marks the server of an outer run. */
function isServedByUser({
  NX_SELF_HOSTED_REMOTE_CACHE_SERVER: server = '',
  PINPACK_STORE_SERVER,
}: Environment): boolean {
  return server !== '' && server !== PINPACK_STORE_SERVER;
}

/** The variables by which Nx's client finds the server. @param url - of a server on this machine */
export function clientEnvironment(url: string, token: string, environment: Environment): Record<string, string> {
  return {
    NX_SELF_HOSTED_REMOTE_CACHE_SERVER: url,
    NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token,
    PINPACK_STORE_SERVER: url,
    // Otherwise requests to 127.0.0.1 would go through the proxy.
    ...(usesProxy(environment) && noProxy(environment)),
  };
}

function usesProxy(environment: Environment): boolean {
  return ['HTTP_PROXY', 'ALL_PROXY'].some((name) => isSet(environment[name]) || isSet(environment[name.toLowerCase()]));
}

function noProxy({ NO_PROXY, no_proxy }: Environment): Record<string, string> {
  const hosts = [NO_PROXY, no_proxy].filter(isSet).flatMap((list) => list.split(','));
  const all = [...new Set([...hosts.map((host) => host.trim()), '127.0.0.1'])].join(',');
  return { NO_PROXY: all, no_proxy: all };
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
