// The user's cache folder: build environments, metadata of sdists and wheels, crates.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Below the XDG cache folder, as the default store. */
export function cacheFolder(environment: Record<string, string | undefined>): string {
  const { XDG_CACHE_HOME = '' } = environment;
  return join(isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'pinpack');
}
