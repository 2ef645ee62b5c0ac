/** docs/reference.md is up to date. After a change of a schema: `npm run docs`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { formatReference, type Chapter, type Schema, type Section } from './format-reference.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PLUGIN = 'libs/pinpack-executors';
/** Targets that the graph configures: their options are results of the lock. */
const INTERNAL = [
  'check-lock',
  'unlocked',
  'build',
  'wheel',
  'rpm',
  'application-rpm',
  'python-rpm',
  'runtime-rpm',
  'delta',
];

function read(path: string): unknown {
  return JSON.parse(readFileSync(`${ROOT}${path}`, 'utf8'));
}

interface Manifest {
  executors?: Record<string, { schema: string; description: string }>;
  generators?: Record<string, { schema: string; description: string; hidden?: boolean }>;
}

function chapters(): Chapter[] {
  const { executors = {} } = read(`${PLUGIN}/executors.json`) as Manifest;
  const { generators = {} } = read(`${PLUGIN}/generators.json`) as Manifest;
  const own = (schema: string): Schema => read(`${PLUGIN}/${schema.slice(2)}`) as Schema;
  const targets = Object.entries(executors).filter(([name]) => !INTERNAL.includes(name));
  const visible = Object.entries(generators).filter(([, { hidden }]) => hidden !== true);
  const targetSection = ([name, { schema, description }]: (typeof targets)[number]): Section => {
    return { title: name, intro: description, schema: own(schema), without: ['reqset', 'app', 'digest'], prefix: '--' };
  };
  return [
    {
      title: 'Targets',
      intro: 'Options of `npx nx run <project>:<target>`. Those that the plugin itself sets are left out.',
      sections: targets.map(targetSection),
    },
    {
      title: 'Generators',
      intro: 'Options of `npx nx g pinpack:<generator>`.',
      sections: visible.map(([name, { schema }]) => ({ title: name, schema: own(schema), prefix: '--' })),
    },
    {
      title: 'Files',
      intro: 'Settings of configuration files, by their path.',
      sections: [
        { title: 'reqset.json', schema: read(`${PLUGIN}/schemas/reqset.schema.json`) as Schema },
        { title: 'pinpack-store.json', schema: read('libs/build-store/schemas/store-server.schema.json') as Schema },
      ],
    },
  ];
}

test('the page has every option of the schemas, with their texts', async () => {
  const page = await format(formatReference(chapters()), { parser: 'markdown', printWidth: 120 });
  expect(page).toContain('`--upgrade-package`');
  await expect(page).toMatchFileSnapshot(`${ROOT}docs/reference.md`);
});
