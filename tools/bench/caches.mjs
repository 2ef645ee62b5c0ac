// Caches of a benchmark's own, in one folder: Nx's, pinpack's store, and the downloads of uv and pip.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** Settings of the user that would lead a run to other caches; null removes a variable. */
const NO_OTHER_CACHES = {
  NX_CLOUD_ACCESS_TOKEN: null,
  NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: null,
  NX_SELF_HOSTED_REMOTE_CACHE_SERVER: null,
  PINPACK_STORE: null,
  PINPACK_STORE_MODE: null,
  PIP_CACHE_DIR: null,
  UV_CACHE_DIR: null,
};

/**
 * @param {string} folder - absolute
 * @returns {Record<string, string | null>} the environment of a run that uses these caches and no others
 */
export function cachesIn(folder) {
  return {
    ...NO_OTHER_CACHES,
    NX_CACHE_DIRECTORY: join(folder, 'nx'),
    NX_WORKSPACE_DATA_DIRECTORY: join(folder, 'nx-data'),
    XDG_CACHE_HOME: join(folder, 'xdg'),
  };
}

/** The same, with everything removed that earlier runs left in the folder. @param {string} folder */
export function emptyCaches(folder) {
  rmSync(folder, { recursive: true, force: true });
  return cachesIn(folder);
}
