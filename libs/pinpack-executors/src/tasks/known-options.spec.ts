import { readFileSync } from 'node:fs';
import type { Tree } from '@nx/devkit';
import { describe, expect, test } from 'vitest';
import { refuseUnknownOptions } from './known-options.js';

const LIST = new URL('../../generators.json', import.meta.url);
const { generators } = JSON.parse(readFileSync(LIST, 'utf8')) as { generators: Record<string, { hidden?: boolean }> };
const shown = Object.keys(generators).filter((name) => generators[name]?.hidden !== true);

describe('options of generators', () => {
  test.each(shown)('%s refuses unknown ones, with the right name of a misspelt one', async (name) => {
    const file = new URL(`../generators/${name}/generator.js`, import.meta.url).href;
    const module = (await import(/* @vite-ignore */ file)) as {
      default: (tree: Tree, options: object) => unknown;
    };
    const schema = new URL(`../generators/${name}/schema.json`, import.meta.url);
    const { properties } = JSON.parse(readFileSync(schema, 'utf8')) as { properties: object };
    const [option = ''] = Object.keys(properties).slice(-1);
    const misspelt = `${option.slice(0, -2)}${option.slice(-1)}${option.slice(-2, -1)}`;
    const call = (options: object): Promise<unknown> =>
      Promise.resolve().then(() => module.default({} as Tree, options));
    await expect(call({ [misspelt]: 'x' })).rejects.toThrow(
      `--${misspelt} is not an option: did you mean --${option}?`,
    );
    await expect(call({ zzzzzzzzz: true })).rejects.toThrow('--zzzzzzzzz is not an option\nexpected: --');
  });

  test('all unknown ones are reported, and arguments that no option takes', () => {
    expect(() => {
      refuseUnknownOptions('reqset', { name: 'a', frm: 'uv.lock', pyton: '3.12.1', _: ['b'] });
    }).toThrow(/--frm .* --from\?\n[^]*--pyton .* --python\?\n[^]*has the argument "b"/);
    refuseUnknownOptions('reqset', { name: 'a', from: 'uv.lock', _: [] });
  });
});
