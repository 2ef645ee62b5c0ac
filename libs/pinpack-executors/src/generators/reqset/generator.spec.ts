import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addProjectConfiguration, logger, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder, thrown } from '@pinpack/testing';
import { parseSettings } from '../../workspace/reqset-settings.js';
import reqset, { type ReqsetOptions } from './generator.js';

const SHA256 = 'ab'.repeat(32);

const UV_LOCK = `
version = 1
requires-python = ">=3.10"
[[package]]
name = "demo"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "numpy" }]
[package.metadata]
requires-dist = [{ name = "numpy", specifier = ">=2" }]
[[package]]
name = "numpy"
version = "2.4.6"
source = { registry = "https://index.example/simple" }
`;

function sampleTree(): Tree {
  const tree = createTreeWithEmptyWorkspace();
  tree.write('reqsets/reqset3/requirements.txt', 'numpy>=1\n');
  tree.write('reqsets/multi/requirements.txt', 'numpy>=1\n');
  tree.write('reqsets/multi/reqset.json', '{"variants": {"py311": {}}}');
  tree.write('apps/my-app/pyproject.toml', '');
  return tree;
}

/** A folder outside of the workspace with these files. */
function writeFiles(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function read(tree: Tree, path: string): string {
  return tree.read(path, 'utf-8') ?? '';
}

/** The requirements.txt that is made of these files, without its heading. */
function requirementsFrom(file: string, text: string): string[] {
  const tree = sampleTree();
  reqset(tree, { name: 'fresh', from: join(writeFiles({ [file]: text }), file) });
  return read(tree, 'reqsets/fresh/requirements.txt').trimEnd().split('\n').slice(1);
}

function nextSteps(tree: Tree, options: ReqsetOptions): string {
  const info = vi.spyOn(logger, 'info').mockReturnValue(undefined);
  const callback = reqset(tree, options);
  expect(info).not.toHaveBeenCalled();
  void callback();
  const said = String(info.mock.calls[0]?.[0]);
  info.mockRestore();
  return said;
}

describe('the reqset generator', () => {
  test('makes one from nothing, with what environments are made with', () => {
    const tree = sampleTree();
    reqset(tree, { name: 'fresh', python: '3.12.1' });
    expect(read(tree, 'reqsets/fresh/requirements.txt')).toMatch(/^installer==\S+\npip==\S+\nvirtualenv==\S+\n$/m);
    const settings = read(tree, 'reqsets/fresh/reqset.json');
    expect(parseSettings(settings, 'reqset.json')).toMatchObject({
      python: '3.12.1',
      platform: 'manylinux_2_28_x86_64',
    });
    expect(settings).toContain('"$schema": "../../node_modules/pinpack/schemas/reqset.schema.json"');
  });

  test('says what to run, and only once the files are there', () => {
    expect(nextSteps(sampleTree(), { name: 'fresh' })).toBe(
      'Created reqsets/fresh. Next:\n  npx nx run fresh:lock    (network)\n  npx nx run fresh:rpm',
    );
    const from = join(writeFiles({ 'uv.lock': UV_LOCK }), 'uv.lock');
    expect(nextSteps(sampleTree(), { name: 'fresh', from })).toContain(
      `  npx nx run fresh:lock --from=${from}    (network)\n`,
    );
  });

  test('takes what a project requires', () => {
    const pyproject = '[project]\nname = "x"\ndependencies = ["numpy>=2", "tomli; python_version < \'3.11\'"]\n';
    expect(requirementsFrom('pyproject.toml', pyproject)).toEqual(['numpy>=2', "tomli; python_version < '3.11'"]);
  });

  test('takes what the project of a lock requires, or its pins without hashes', () => {
    expect(requirementsFrom('uv.lock', UV_LOCK)).toEqual(['numpy>=2']);
    const compiled = `numpy==2.4.6 --hash=sha256:${SHA256}\nscipy==1.17.1 ; python_version > "3" \\\n  --hash=sha256:${SHA256}\n`;
    expect(requirementsFrom('locked.txt', compiled)).toEqual(['numpy==2.4.6', 'scipy==1.17.1 ; python_version > "3"']);
  });

  test('copies a requirements.txt as it stands, with the files that it names', () => {
    const files = {
      'service/requirements.txt':
        '# chosen\n--index-url https://index.example/simple\n-r base/more.txt\n-c limits.txt\nnumpy>=2  # ours\n',
      'service/base/more.txt': 'six\n-r ../last.txt\n',
      'service/last.txt': 'attrs\n',
      'service/limits.txt': 'scipy<2\n',
    };
    const tree = sampleTree();
    reqset(tree, { name: 'fresh', from: join(writeFiles(files), 'service/requirements.txt') });
    expect(read(tree, 'reqsets/fresh/requirements.txt')).toBe(
      [
        '# chosen',
        '# Omitted: --index-url https://index.example/simple',
        '# From base/more.txt:',
        'six',
        '# From ../last.txt:',
        'attrs',
        '',
        'numpy>=2  # ours',
        '',
      ].join('\n'),
    );
    expect(read(tree, 'reqsets/fresh/constraints.txt')).toBe('# From limits.txt:\nscipy<2\n');
  });
});

describe('the reqset generator refuses', () => {
  /** @param files - where `from` is one of them, the message has no path of theirs */
  function refused(options: ReqsetOptions, files: Record<string, string> = {}, prepare?: (tree: Tree) => void): string {
    const tree = sampleTree();
    prepare?.(tree);
    const folder = writeFiles(files);
    const { from } = options;
    const before = tree.listChanges().length;
    const message = thrown(() => reqset(tree, { ...options, ...(from !== undefined && { from: join(folder, from) }) }));
    expect(tree.listChanges()).toHaveLength(before);
    return message.replaceAll(`${folder}/`, '').replace(`PINPACK_REQSET_INVALID reqsets/${options.name}: `, '');
  }

  test.each([
    ['my set', /^"my set" is not a valid reqset name, expected letters and digits/],
    ['../evil', /^"..\/evil" is not a valid reqset name/],
    ['', /^"" is not a valid reqset name/],
    ['multi/py311', /^"multi\/py311" is not a valid reqset name/],
    ['Reqset3', /^reqsets\/reqset3 exists already/],
    ['multi-py311', /^the project would be called multi-py311, which is a variant of a reqset/],
    ['reqset3-my-app', /^the project would be called reqset3-my-app, which is the application my-app of reqset3/],
    ['my-app', /^the project would be called my-app, which is the source of apps\/my-app/],
    ['pinpack-runtime', /^the project would be called pinpack-runtime, which is the runtime of pinpack on servers/],
  ])('the name "%s"', (name, message) => {
    expect(refused({ name })).toMatch(message);
  });

  test('the name of another project', () => {
    const docs = (tree: Tree) => {
      addProjectConfiguration(tree, 'docs', { root: 'docs' });
    };
    expect(refused({ name: 'docs' }, {}, docs)).toMatch(/which is a project of this workspace/);
  });

  test('settings that are none', () => {
    expect(refused({ name: 'fresh', python: '3.12', platform: 'linux' })).toBe(
      [
        'PINPACK_SETTINGS_INVALID reqsets/fresh/reqset.json: python is "3.12", expected a full version such as 3.11.2, because the patch version affects some markers',
        'platform is "linux", expected a platform tag such as manylinux_2_28_x86_64',
      ].join('\n  '),
    );
  });

  test('a file that is not there, or is of no kind that it reads', () => {
    expect(refused({ name: 'fresh', from: 'uv.lock' })).toMatch(
      /^PINPACK_REQSET_INVALID uv.lock: cannot be read\n.*ENOENT/,
    );
    expect(refused({ name: 'fresh', from: 'poetry.lock' }, { 'poetry.lock': '' })).toContain('poetry export');
    expect(refused({ name: 'fresh', from: 'pyproject.toml' }, { 'pyproject.toml': '[tool.poetry]\n' })).toContain(
      'has no table [project]',
    );
  });

  test('everything at once', () => {
    const files = { 'requirements.txt': '-e .\n-r requirements.txt\nnumpy>=\nscipy --pre\n', 'uv.lock': UV_LOCK };
    expect(refused({ name: 'fresh', from: 'requirements.txt' }, files).split('\n').length).toBeGreaterThan(2);
    expect(refused({ name: 'my-app', from: 'uv.lock', python: '3.9.2' }, files).split('\n  ')).toEqual([
      'the project would be called my-app, which is the source of apps/my-app. Choose another name.',
      'uv.lock is for Python >=3.10, but the reqset is for 3.9.2. Choose one: --python <full version>',
    ]);
  });
});
