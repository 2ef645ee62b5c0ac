// Opens the tools for locking: uv, the configured indexes and the cache folder.
import {
  cacheFolder,
  IndexClient,
  readIndexConfiguration,
  Uv,
  type BuildPolicy,
  type LockTools,
} from '@pinpack/python-dist';

/**
 * @param root - the workspace's root
 * @throws DistError `DIST_RESOLVE_UV_MISSING`, `DIST_INDEX_UNKNOWN`, `DIST_INDEX_CONFIGURATION_INVALID`
 */
export async function openLockTools(
  root: string,
  policy: BuildPolicy,
  progress: LockTools['progress'],
): Promise<LockTools> {
  const index = await readIndexConfiguration(root);
  return {
    uv: await Uv.find(root, index),
    index: new IndexClient(index),
    root,
    cache: cacheFolder(process.env),
    policy,
    progress,
  };
}
