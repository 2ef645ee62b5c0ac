// The plugin's options in nx.json. Secrets never stand there: they come from the environment.
import type { NxJsonConfiguration } from '@nx/devkit';

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

/** `publish` among the plugin's options. */
export interface PublishOptions {
  /** Where releases go: `s3://bucket/prefix?…`, `file:///folder`. `PINPACK_PUBLISH` goes before it. Default: below the store, where that is one of these. */
  to?: string;
  /** How dnf and pip reach what is published: `https://rpms.example.com`. `PINPACK_PUBLISH_URL` goes before it. Default: the bucket's or the folder's own URL. */
  url?: string;
  /** How many releases stay. Default: 5. */
  keep?: number;
  /** From how many of the previous releases there are deltas. Default: 3. */
  deltas?: number;
  /** A delta over this share of the full RPM isn't kept. Default: 0.8. */
  deltaShare?: number;
  /** Who signs RPMs and repositories. `PINPACK_SIGN_KEY` goes before the key. */
  sign?: { key?: string };
}

/** The options that nx.json gives the plugin. */
export function pluginOptions({ plugins = [] }: NxJsonConfiguration): PluginOptions {
  const own = plugins.find((plugin) => typeof plugin === 'object' && plugin.plugin === 'pinpack');
  return (typeof own === 'object' ? own.options : undefined) ?? {};
}
