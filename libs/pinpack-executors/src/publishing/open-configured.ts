// The publication that the workspace is configured with.
import { openPublications, type Publications } from '@pinpack/publication';
import { PinpackError } from '../pinpack-error.js';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { readPublishSettings, type PublishSettings } from '../workspace/publish-settings.js';

export interface ConfiguredPublication {
  publication: Publications;
  settings: PublishSettings;
  /** How readers reach it, without a slash at its end. */
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
      'it is not configured where releases are published',
      'Set "publish": { "to": "s3://bucket/prefix" } among the plugin\'s options in nx.json, or PINPACK_PUBLISH; file:///folder serves too',
    ]);
  }
  if (url === undefined) {
    throw new PinpackError('PINPACK_PUBLISH_MISSING', 'publish', [
      'it is not configured how dnf and pip reach what is published, and that does not follow from where it is published',
      'Set "publish": { "url": "https://…" } among the plugin\'s options in nx.json, or PINPACK_PUBLISH_URL',
    ]);
  }
  return { publication: await openPublications(to, { environment }), settings, url };
}
