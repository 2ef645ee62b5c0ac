// The plugin's options in nx.json. Secrets never stand there: they come from the environment.
import type { NxJsonConfiguration } from '@nx/devkit';
import type { PublishOptions } from './publish/settings.js';

export interface PluginOptions {
  /** The store's URL: `file:///srv/pinpack`, `s3://bucket/prefix?region=…`, `https://host/base`. `PINPACK_STORE` goes before it. */
  store?: string;
  /** Ed25519 keys, as base64 of the DER or as PEM: then an entry that none of them signed is a miss. */
  publicKeys?: string[];
  /** Seconds that the end of a run waits for uploads; what is left is uploaded by a later run. Default: 60. */
  uploadDeadline?: number;
  /** Vendor of the RPMs. */
  vendor?: string;
  /** Where releases are published, and how. */
  publish?: PublishOptions;
}

/** The options that nx.json gives the plugin. */
export function pluginOptions({ plugins = [] }: NxJsonConfiguration): PluginOptions {
  const own = plugins.find((plugin) => typeof plugin === 'object' && plugin.plugin === 'pinpack');
  return (typeof own === 'object' ? own.options : undefined) ?? {};
}
