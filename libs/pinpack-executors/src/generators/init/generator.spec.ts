import { logger, readNxJson, updateNxJson, type NxJsonConfiguration } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, test, vi } from 'vitest';
import init, { withLines, withPlugin } from './generator.js';

const STORE = 's3://bucket/prefix?region=eu-central-1';

describe('pinpack:init', () => {
  test('adds the plugin, its sync generator and .gitignore entries, and nothing the second time', async () => {
    const tree = createTreeWithEmptyWorkspace();
    const before = readNxJson(tree);
    const info = vi.spyOn(logger, 'info').mockReturnValue(undefined);
    await init(tree, {})();
    expect(info.mock.calls.join('\n')).toContain('npx nx g pinpack:reqset');
    expect(readNxJson(tree)).toEqual({
      analytics: false,
      ...before,
      plugins: ['pinpack'],
      sync: { globalGenerators: ['pinpack:sync'] },
    });
    const [nxJson, ignore] = [tree.read('nx.json', 'utf-8'), tree.read('.gitignore', 'utf-8')];
    expect(ignore).toMatch(/^node_modules\/\ndist\/\n\.nx\/\n\.venv\/\n$/m);
    await init(tree, {})();
    expect([tree.read('nx.json', 'utf-8'), tree.read('.gitignore', 'utf-8')]).toEqual([nxJson, ignore]);
  });

  test('creates nx.json, and keeps an answer about analytics', () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.delete('nx.json');
    init(tree, { store: STORE });
    expect(readNxJson(tree)).toEqual({
      analytics: false,
      plugins: [{ plugin: 'pinpack', options: { store: STORE } }],
      sync: { globalGenerators: ['pinpack:sync'] },
    });
    updateNxJson(tree, { analytics: true });
    init(tree, {});
    expect(readNxJson(tree)).toMatchObject({ analytics: true, plugins: ['pinpack'] });
  });

  test('sets the store, and leaves the other options and plugins', () => {
    const tree = createTreeWithEmptyWorkspace();
    const options = { vendor: 'Us', store: 'file:///srv/old' };
    updateNxJson(tree, { plugins: ['@nx/js', { plugin: 'pinpack', options }], sync: { globalGenerators: ['other'] } });
    init(tree, { store: STORE });
    expect(readNxJson(tree)).toMatchObject({
      plugins: ['@nx/js', { plugin: 'pinpack', options: { vendor: 'Us', store: STORE } }],
      sync: { globalGenerators: ['other', 'pinpack:sync'] },
    });
  });

  test('writes nothing for an invalid store URL', () => {
    const tree = createTreeWithEmptyWorkspace();
    const before = tree.listChanges();
    expect(() => init(tree, { store: 'ftp://host/store' })).toThrow(
      expect.objectContaining({ code: 'STORE_LOCATION_INVALID' }),
    );
    expect(tree.listChanges()).toEqual(before);
  });
});

test.each<[NxJsonConfiguration, string | undefined, NxJsonConfiguration['plugins']]>([
  [{}, undefined, ['pinpack']],
  [{}, STORE, [{ plugin: 'pinpack', options: { store: STORE } }]],
  [{ plugins: ['pinpack'] }, STORE, [{ plugin: 'pinpack', options: { store: STORE } }]],
  [{ plugins: [{ plugin: 'pinpack', include: ['a/**'] }] }, undefined, [{ plugin: 'pinpack', include: ['a/**'] }]],
])('plugins of %j, store %s', (nxJson, store, plugins) => {
  expect(withPlugin(nxJson, store).plugins).toEqual(plugins);
});

test.each([
  ['', 'dist/\n.nx/\n'],
  ['node_modules', 'node_modules\ndist/\n.nx/\n'],
  ['/dist/\n.nx\n', '/dist/\n.nx\n'],
  ['dist/other\n', 'dist/other\ndist/\n.nx/\n'],
])('.gitignore %j', (text, expected) => {
  expect(withLines(text, ['dist', '.nx'])).toBe(expected);
});
