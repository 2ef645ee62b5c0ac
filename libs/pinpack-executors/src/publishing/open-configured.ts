// Opens the publication that the workspace is configured with.
import { checkPublicationUrl, openPublications, type Publications } from '@pinpack/publication';
import { PinpackError } from '../pinpack-error.js';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { readPublishSettings, type PublishSettings } from '../workspace/publish-settings.js';

export interface ConfiguredPublication {
  publication: Publications;
  settings: PublishSettings;
  /** The URL for readers, without a trailing slash. */
  url: string;
}

/**
 * @throws PinpackError `PINPACK_PUBLISH_MISSING`, `PINPACK_PUBLISH_INVALID`
 * @throws StoreError `STORE_LOCATION_INVALID`
 */
export async function openConfigured(
  options: PluginOptions,
  environment: NodeJS.ProcessEnv,
): Promise<ConfiguredPublication> {
  const settings = readPublishSettings(options, environment);
  const { to, url } = settings;
  if (to === undefined) {
    throw new PinpackError('PINPACK_PUBLISH_MISSING', 'publish', [
      'the target is not configured',
      'Set "publish": { "to": "s3://bucket/prefix" } in the options of the plugin in nx.json, or PINPACK_PUBLISH; file:///folder works too',
    ]);
  }
  await checkPublicationUrl(to);
  if (url === undefined) {
    throw new PinpackError('PINPACK_PUBLISH_MISSING', 'publish', [
      'the URL for dnf and pip is not configured, and it cannot be derived from the target',
      'Set "publish": { "url": "https://…" } in the options of the plugin in nx.json, or PINPACK_PUBLISH_URL',
    ]);
  }
  return { publication: await openPublications(to, { environment }), settings, url };
}
