// Plans what `init` adds to nx.json, package.json and .gitignore. Existing entries are kept.
import type { NxJsonConfiguration } from '@nx/devkit';

const PLUGIN = 'pinpack';
const SYNC = 'pinpack:sync';

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

/** `setup` is for the next clone: .venv is not in version control. */
const SCRIPTS = {
  setup: 'pinpack setup',
  doctor: 'pinpack doctor',
  lock: 'nx run-many -t lock',
  rpm: 'nx run-many -t rpm',
};

export function withScripts<T extends { scripts?: Record<string, string> }>(manifest: T): T {
  return { ...manifest, scripts: { ...manifest.scripts, ...without(SCRIPTS, manifest.scripts ?? {}) } };
}

function without(scripts: Readonly<Record<string, string>>, taken: object): Record<string, string> {
  return Object.fromEntries(Object.entries(scripts).filter(([name]) => !(name in taken)));
}

/** Adds the names that are not ignored yet, with or without slashes. */
export function withLines(text: string, names: readonly string[]): string {
  const known = new Set(text.split('\n').map((line) => line.trim().replaceAll(/^\/|\/$/g, '')));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length === 0) return text;
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${end}${missing.map((name) => `${name}/\n`).join('')}`;
}
