// `nx g pinpack:init`, which `nx add pinpack` runs: adds the plugin, its sync generator and .gitignore entries. Creates nx.json if
// there is none, and keeps what exists already.
import { logger, readNxJson, writeJson, type GeneratorCallback, type NxJsonConfiguration, type Tree } from '@nx/devkit';
import { parseStoreUrl } from '@pinpack/build-store';
import { refuseUnknownOptions } from '../../tasks/known-options.js';

export interface InitOptions {
  /** The store's URL. */
  store?: string;
}

const PLUGIN = 'pinpack';
const SYNC = 'pinpack:sync';
/** npm's packages, pinpack's outputs, Nx's cache, and the folder in which pinpack looks for `uv`. */
const IGNORED = ['node_modules', 'dist', '.nx', '.venv'];

const NEXT_STEPS = `The workspace is set up for pinpack. Next:
  npx nx g pinpack:reqset reqset1
  npx nx g pinpack:app my-app --reqset reqset1`;

/** @throws StoreError `STORE_LOCATION_INVALID` */
export default function init(tree: Tree, options: InitOptions): GeneratorCallback {
  refuseUnknownOptions('init', options);
  const { store } = options;
  if (store !== undefined) parseStoreUrl(store);
  // Nx's own updateNxJson writes nothing if there is no nx.json yet.
  writeJson(tree, 'nx.json', withPlugin(readNxJson(tree) ?? {}, store));
  const ignore = tree.read('.gitignore', 'utf-8') ?? '';
  tree.write('.gitignore', withLines(ignore, IGNORED));
  return () => {
    logger.info(NEXT_STEPS);
  };
}

/** @param store - overrides the one in nx.json */
export function withPlugin(nxJson: NxJsonConfiguration, store: string | undefined): NxJsonConfiguration {
  const { plugins = [], sync = {} } = nxJson;
  const { globalGenerators = [] } = sync;
  const isOwn = (plugin: (typeof plugins)[number]): boolean =>
    (typeof plugin === 'string' ? plugin : plugin.plugin) === PLUGIN;
  const withStore = (plugin: (typeof plugins)[number]): (typeof plugins)[number] => {
    if (store === undefined || !isOwn(plugin)) return plugin;
    const { options = {}, ...rest } = typeof plugin === 'string' ? { plugin } : plugin;
    return { ...rest, options: { ...(options as object), store } };
  };
  return {
    // Otherwise the first run on a terminal waits for an answer.
    analytics: false,
    ...nxJson,
    plugins: (plugins.some(isOwn) ? plugins : [...plugins, PLUGIN]).map(withStore),
    sync: {
      ...sync,
      globalGenerators: globalGenerators.includes(SYNC) ? globalGenerators : [...globalGenerators, SYNC],
    },
  };
}

/** Adds the names that are not ignored yet, with or without slashes. */
export function withLines(text: string, names: readonly string[]): string {
  const known = new Set(text.split('\n').map((line) => line.trim().replaceAll(/^\/|\/$/g, '')));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length === 0) return text;
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${end}${missing.map((name) => `${name}/\n`).join('')}`;
}
