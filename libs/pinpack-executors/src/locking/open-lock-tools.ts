// Opens the tools for locking: uv, the configured indexes and the cache folder.
import type { NxJsonConfiguration } from '@nx/devkit';
import { cacheFolder, IndexClient, readIndexConfiguration, Uv, type LockTools } from '@pinpack/python-dist';
import { limitsOf, pluginOptions } from '../workspace/plugin-options.js';
import { buildPolicyOf } from '../workspace/sandbox-setting.js';

/**
 * @param root - the workspace's root
 * @throws PinpackError `PINPACK_OPTIONS_INVALID`
 * @throws DistError `DIST_RESOLVE_UV_MISSING`, `DIST_INDEX_UNKNOWN`, `DIST_INDEX_CONFIGURATION_INVALID`
 */
export async function openLockTools(
  root: string,
  nxJson: NxJsonConfiguration,
  progress: LockTools['progress'],
): Promise<LockTools> {
  const options = pluginOptions(nxJson);
  const limits = limitsOf(options);
  const policy = buildPolicyOf(options);
  const index = await readIndexConfiguration(root);
  const cache = cacheFolder(process.env);
  return {
    uv: await Uv.find(root),
    index: IndexClient.of(index, { limits, root, cache }),
    root,
    cache,
    policy,
    progress,
  };
}
