// Where a user's machine keeps what can be made again: build environments, what sdists said about themselves, crates.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** XDG's folder for caches, as the store's default too. */
export function cacheFolder(environment: Record<string, string | undefined>): string {
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pinpack');
}
