import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { logger, readJson, readNxJson, updateNxJson, type NxJsonConfiguration, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { FsTree } from 'nx/src/generators/tree.js';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import init from './generator.js';
import { withLines, withPlugin, withScripts } from './plan-files.js';

const STORE = 's3://bucket/prefix?region=eu-central-1';

describe('pinpack:init', () => {
  test('adds the plugin, its sync generator and .gitignore entries, and nothing the second time', async () => {
    const tree = createTreeWithEmptyWorkspace();
    const before = readNxJson(tree);
    const info = vi.spyOn(logger, 'info').mockReturnValue(undefined);
    await (
      await init(tree, { uv: false })
    )();
    expect(info.mock.calls.join('\n')).toContain('npx nx g pinpack:reqset');
    expect(readNxJson(tree)).toEqual({
      analytics: false,
      ...before,
      plugins: ['pinpack'],
      sync: { globalGenerators: ['pinpack:sync'] },
    });
    const [nxJson, ignore] = [tree.read('nx.json', 'utf-8'), tree.read('.gitignore', 'utf-8')];
    expect(ignore).toMatch(/^node_modules\/\ndist\/\n\.nx\/\n\.venv\/\n$/m);
    await (
      await init(tree, { uv: false })
    )();
    expect([tree.read('nx.json', 'utf-8'), tree.read('.gitignore', 'utf-8')]).toEqual([nxJson, ignore]);
  });

  test('creates nx.json, and keeps an answer about analytics', async () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.delete('nx.json');
    await init(tree, { store: STORE });
    expect(readNxJson(tree)).toEqual({
      analytics: false,
      plugins: [{ plugin: 'pinpack', options: { store: STORE } }],
      sync: { globalGenerators: ['pinpack:sync'] },
    });
    updateNxJson(tree, { analytics: true });
    await init(tree, {});
    expect(readNxJson(tree)).toMatchObject({ analytics: true, plugins: ['pinpack'] });
  });

  test('sets the store, and leaves the other options and plugins', async () => {
    const tree = createTreeWithEmptyWorkspace();
    const options = { vendor: 'Us', store: 'file:///srv/old' };
    updateNxJson(tree, { plugins: ['@nx/js', { plugin: 'pinpack', options }], sync: { globalGenerators: ['other'] } });
    await init(tree, { store: STORE });
    expect(readNxJson(tree)).toMatchObject({
      plugins: ['@nx/js', { plugin: 'pinpack', options: { vendor: 'Us', store: STORE } }],
      sync: { globalGenerators: ['other', 'pinpack:sync'] },
    });
  });

  test('writes nothing for an invalid store URL', async () => {
    const tree = createTreeWithEmptyWorkspace();
    const before = tree.listChanges();
    await expect(init(tree, { store: 'ftp://host/store' })).rejects.toThrow(
      expect.objectContaining({ code: 'STORE_LOCATION_INVALID' }),
    );
    expect(tree.listChanges()).toEqual(before);
  });
});

const FILES = {
  'requirements.txt': 'six==1.17.0\n',
  'requirements-dev.txt': 'pytest==8.0.0\n',
  'pyproject.toml': '[project]\nname = "x"\ndependencies = ["six"]\n',
  'service/uv.lock': 'version = 1\nrevision = 3\nrequires-python = ">=3.12"\n',
  'service/pyproject.toml':
    '[project]\nname = "service"\nversion = "1"\nrequires-python = ">=3.12"\ndependencies = ["six"]\n',
  'tools/pyproject.toml': '[tool.black]\nline-length = 88\n',
  'science/environment.yml':
    'name: science\ndependencies:\n  - python=3.11\n  - conda-forge::numpy=1.26\n  - scipy=1.11.4=py311_0\n  - pandas>=2\n  - pip:\n      - six==1.17.0\n      - --index-url https://packages.example.com/simple\n',
  'node_modules/x/requirements.txt': 'six==1.17.0\n',
};

/** A tree of files on disk: the sources of reqsets are read there. */
function treeOf(files: Readonly<Record<string, string>>): Tree {
  const root = join(temporaryFolder(), 'our servers');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return new FsTree(root, false);
}

describe('requirements in the folder', () => {
  const print = (spy: 'info') => vi.spyOn(logger, spy).mockReturnValue(undefined);

  test('become reqsets with --reqsets=all, once', async () => {
    const tree = treeOf(FILES);
    const info = print('info');
    await (
      await init(tree, { reqsets: 'all', uv: false })
    )();
    expect(tree.children('reqsets').sort()).toEqual(['dev', 'our-servers', 'science', 'service']);
    expect(tree.read('reqsets/our-servers/requirements.txt', 'utf-8')).toBe('six==1.17.0\n');
    expect(readJson(tree, 'reqsets/service/reqset.json')).toMatchObject({ python: '3.12.0' });
    expect(tree.read('reqsets/science/requirements.txt', 'utf-8')).toBe(
      [
        '# From environment.yml.',
        '# Remove "# conda: " where the index has the package by this name.',
        '# conda: numpy==1.26.*',
        '# conda: scipy==1.11.4',
        '# conda: pandas>=2',
        'six==1.17.0',
        '# Omitted: --index-url https://packages.example.com/simple',
        '',
      ].join('\n'),
    );
    expect(info.mock.calls.join('\n')).toContain('npx nx run our-servers:lock');
    info.mockClear();
    const before = tree.listChanges().length;
    await (
      await init(tree, { reqsets: 'all', uv: false })
    )();
    expect(tree.listChanges()).toHaveLength(before);
  });

  test('are listed where nobody can be asked', async () => {
    const tree = treeOf({ 'requirements.txt': 'six\n', 'package.json': '{"scripts":{"lock":"ours"}}' });
    const info = print('info');
    await (
      await init(tree, { uv: false })
    )();
    expect(tree.exists('reqsets')).toBe(false);
    expect(info.mock.calls.join('\n')).toContain('npx nx g pinpack:reqset our-servers --from requirements.txt');
    expect(readJson(tree, 'package.json')).toMatchObject({ scripts: { lock: 'ours', rpm: 'nx run-many -t rpm' } });
  });

  test('that are named must be there', async () => {
    const tree = treeOf(FILES);
    await expect(init(tree, { reqsets: 'requirements.txt,requirments-dev.txt', uv: false })).rejects.toThrow(
      /requirments-dev\.txt\n.*expected all, none, or some of the files that were found: .*requirements-dev\.txt/,
    );
  });
});

test('scripts are added, and kept', () => {
  const once = withScripts({ scripts: { rpm: 'ours' } });
  expect(once.scripts).toMatchObject({ rpm: 'ours', setup: 'pinpack setup' });
  expect(withScripts(once)).toEqual(once);
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
