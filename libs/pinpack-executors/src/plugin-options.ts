// The plugin's options in nx.json. Secrets never stand there: they come from the environment.
import type { NxJsonConfiguration } from '@nx/devkit';

export interface PluginOptions {
  /** The store's URL: `file:///srv/pinpack`. */
  store?: string;
  /** Vendor of the RPMs. */
  vendor?: string;
}

/** The options that nx.json gives the plugin. */
export function pluginOptions({ plugins = [] }: NxJsonConfiguration): PluginOptions {
  const own = plugins.find((plugin) => typeof plugin === 'object' && plugin.plugin === 'pinpack');
  return (typeof own === 'object' ? own.options : undefined) ?? {};
}
