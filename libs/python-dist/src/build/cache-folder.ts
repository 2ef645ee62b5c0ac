// The user's cache folder: build environments, metadata of sdists and wheels, crates.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Below the XDG cache folder, as the default store. */
export function cacheFolder(environment: Record<string, string | undefined>): string {
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pinpack');
}
