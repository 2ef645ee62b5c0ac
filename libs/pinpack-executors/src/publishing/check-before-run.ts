// Checks the settings of `publish` before Nx runs the tasks that it depends on, which may take an hour.
import { withConfiguredSigner } from '../repository/publish-tools.js';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { openConfigured } from './open-configured.js';

/**
 * Opens the location and the key that `publish` will use.
 *
 * @throws PinpackError `PINPACK_PUBLISH_MISSING`, `PINPACK_PUBLISH_INVALID`
 * @throws StoreError if the location is invalid, the bucket does not exist or refuses to be read
 * @throws RepoError `REPO_KEY_UNUSABLE`
 */
export async function checkPublishing(options: PluginOptions, environment: NodeJS.ProcessEnv): Promise<void> {
  const { publication, settings } = await openConfigured(options, environment);
  await withConfiguredSigner(settings, async () => {
    // Any label does: the answer shows whether the bucket exists and can be read.
    await publication.list('pinpack');
  });
}
