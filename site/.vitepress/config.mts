// The documentation site: the Markdown of ../docs and README.md, and pages of rpm-gen's public interface, with a local search index.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const DOCS = new URL('../../docs/', import.meta.url);

/** The title of a page is its first heading. */
function page(name: string): { text: string; link: string } {
  const text = /^# (.+)$/m.exec(readFileSync(new URL(`${name}.md`, DOCS), 'utf8'))?.[1] ?? name;
  return { text, link: `/${name}` };
}

function moduleOf(path: string): string {
  return fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));
}

const GROUPS: Record<string, string[]> = {
  'Get started': ['start', 'migrating', 'support'],
  Tasks: [
    'reqsets',
    'locks',
    'updates',
    'applications',
    'services',
    'smoke',
    'several-pythons',
    'python',
    'c-extensions',
    'source-builds',
    'images',
  ],
  Release: ['repositories', 'publishing', 'deltas', 'patches', 'air-gapped', 'governance', 'security'],
  'Cache and CI': ['ci', 'cache', 'remote-cache', 'store-s3', 'store-server'],
  Reference: [
    'reference',
    'generators',
    'errors',
    'lock-messages',
    'wheel-rpms',
    'glossary',
    'benchmarks',
    'real-sets',
    'architecture',
  ],
};

/** Pages that no group names yet. */
function others(): string[] {
  const grouped = Object.values(GROUPS).flat();
  const names = readdirSync(DOCS).flatMap((file) => (file.endsWith('.md') ? [file.slice(0, -'.md'.length)] : []));
  return names.filter((name) => !grouped.includes(name) && name !== 'index');
}

/** Pages that typedoc writes before the site is built, from the comments in the code. */
const API = [{ text: 'rpm-gen: functions and types', link: '/api/rpm-gen/' }];

const groups = Object.entries({ ...GROUPS, ...(others().length > 0 && { More: others() }) });
const decisions = readdirSync(new URL('decisions/', DOCS)).map((file) => `decisions/${file.slice(0, -'.md'.length)}`);

export default defineConfig({
  title: 'pinpack',
  description: 'Pinned Python requirement sets as delta-friendly RPMs',
  srcDir: '../docs',
  outDir: 'dist',
  cacheDir: '.vitepress/cache',
  cleanUrls: true,
  // Files of the repository beside the pages are shown there, not on the site.
  ignoreDeadLinks: [
    /^(?:\.\.?\/)+(?:README|CONTRIBUTING|CHANGELOG|LICENSE|apps|libs|tools|deploy)/,
    /\/decisions(?:\/index)?$/,
    /^\.\/updates\//,
  ],
  // The pages are plain Markdown: `<set>` in a text is no tag, and comments are for the tests.
  markdown: { html: false, languageAlias: { console: 'shellsession' } },
  vite: {
    // The pages lie beside this folder, from where Node would look for Vue in the workspace's own packages.
    resolve: {
      alias: [
        { find: /^vue$/, replacement: moduleOf('vue/dist/vue.runtime.esm-bundler.js') },
        {
          find: 'vue/server-renderer',
          replacement: moduleOf('@vue/server-renderer/dist/server-renderer.esm-bundler.js'),
        },
      ],
    },
    ssr: { noExternal: [/^@?vue/] },
    plugins: [
      {
        name: 'remove-comments',
        enforce: 'pre',
        transform: (code: string, id: string) =>
          id.endsWith('.md') ? code.replaceAll(/<!--[^]*?-->/g, '') : undefined,
      },
    ],
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Reference', link: '/reference' },
      { text: 'Errors', link: '/errors' },
      { text: 'API', items: API },
    ],
    sidebar: [
      ...groups.map(([text, names]) => ({ text, collapsed: false, items: names.map(page) })),
      { text: 'API', collapsed: false, items: API },
      { text: 'Decisions', collapsed: true, items: decisions.map(page) },
    ],
    outline: [2, 3],
  },
});
