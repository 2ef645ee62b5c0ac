import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { thrown } from '@pinpack/testing';
import { parsePyproject, readPyproject } from './source-tree.js';

const WHOLE = `
[build-system]
requires = ["setuptools==80.0", "numpy"]

[project]
name = "an_example"
version = "1.0"
dependencies = ["numpy>=2"]

[tool.pinpack]
reqsets = ["reqset1", "reqset3"]
`;

const EXPECTED = {
  source: {
    path: 'apps/demo',
    name: 'an_example',
    version: '1.0',
    dependencies: ['numpy>=2'],
    buildRequires: ['setuptools==80.0', 'numpy'],
  },
  reqsets: ['reqset1', 'reqset3'],
  settings: { reqsets: ['reqset1', 'reqset3'] },
  about: {},
  extras: [],
  groups: [],
  direct: [],
};

function parse(text: string) {
  return parsePyproject(text, 'apps/demo');
}

describe('parsePyproject', () => {
  test('reads what a lock needs', () => {
    expect(parse(WHOLE)).toEqual(EXPECTED);
  });

  test('uses setuptools without [build-system] (PEP 518), and no dependencies by default', () => {
    const text = '[project]\nname = "x"\nversion = "1"\n[tool.pinpack]\nreqsets = []';
    expect(parse(text)?.source).toMatchObject({ dependencies: [], buildRequires: ['setuptools>=40.8.0'] });
  });

  test('reads extras, dependency groups (PEP 735) and sources of uv', () => {
    const text = `
[project]
name = "x"
version = "1"
dependencies = ["demo>=1", "tools", "lib-a"]
[project.optional-dependencies]
Fast_Path = ["numpy"]
[dependency-groups]
prod = ["gunicorn", {include-group = "Metrics"}]
metrics = ["prometheus-client", "gunicorn"]
test = ["pytest"]
[tool.pinpack]
reqsets = []
extras = ["fast-path"]
groups = ["prod"]
[tool.uv.sources]
demo = { git = "https://git.example/demo", tag = "v1", subdirectory = "py" }
lib_a = { path = "../../libs/a", editable = true }
tools = { url = "https://files.example/tools-1.0-py3-none-any.whl", marker = "sys_platform == 'linux'" }
unused = { path = "../unused" }
`;
    expect(parse(text)).toMatchObject({
      source: { optional: { 'fast-path': ['numpy'] } },
      extras: ['fast-path'],
      groups: ['gunicorn', 'prometheus-client'],
      direct: [
        'demo @ git+https://git.example/demo@v1#subdirectory=py',
        'lib_a @ file:libs/a',
        "tools @ https://files.example/tools-1.0-py3-none-any.whl ; sys_platform == 'linux'",
      ],
    });
  });

  test('reports extras and groups that do not exist, and groups that include themselves', () => {
    const text = `
[project]
name = "x"
version = "1"
[dependency-groups]
a = [{include-group = "b"}]
b = [{include-group = "a"}, 1]
[tool.pinpack]
reqsets = []
extras = ["fast"]
groups = ["a", "prod"]
`;
    expect(
      thrown(() => parse(text))
        .split('\n')
        .slice(1),
    ).toEqual([
      '  - [dependency-groups] a includes itself',
      '    Remove one of: a → b → a',
      '  - [dependency-groups] b has 1',
      '    expected requirements, and {include-group = "name"} (PEP 735)',
      '  - the selection of groups has prod',
      '    expected a group of [dependency-groups]: a, b',
      '  - [tool.pinpack] extras has fast',
      '    expected an extra of [project.optional-dependencies]: there is none',
    ]);
  });

  test('ignores projects without [tool.pinpack]', () => {
    expect(parse('[project]\nname = "x"\ndynamic = ["version"]')).toBeUndefined();
    expect(parse('')).toBeUndefined();
  });

  test('reports all issues', () => {
    expect(thrown(() => parse('[project]\ndynamic = ["version", "dependencies"]\n[tool.pinpack]'))).toBe(
      [
        'DIST_SOURCE_INVALID apps/demo/pyproject.toml: 4 problems',
        '  - [project] name is missing',
        '    expected a static value: locking does not run the build',
        '  - [project] version is dynamic',
        '    expected a static value: locking does not run the build',
        '  - [project] dependencies is dynamic',
        '    expected a static value: locking does not run the build',
        '  - [tool.pinpack] reqsets is missing',
        '    expected a list of reqset names, for example: reqsets = ["reqset1"]',
      ].join('\n'),
    );
  });

  test.each([
    ['dependencies = ["numpy>=2"]', 'dependencies = "numpy"', '[project] dependencies'],
    ['requires = ["setuptools==80.0", "numpy"]', 'requires = "setuptools"', '[build-system] requires'],
    ['reqsets = ["reqset1", "reqset3"]', 'reqsets = "reqset1"', '[tool.pinpack] reqsets'],
  ])('%s, not %s', (found, replacement, field) => {
    const value = replacement.split(' = ')[1] ?? '';
    const example = field.includes('reqsets') ? 'reqsets = ["reqset1"]' : '["numpy>=2"]';
    expect(thrown(() => parse(WHOLE.replace(found, replacement)))).toBe(
      `DIST_SOURCE_INVALID apps/demo/pyproject.toml: ${field} is ${value}\n  expected a list of strings, for example: ${example}`,
    );
  });

  test('reports invalid TOML with line and column', () => {
    expect(thrown(() => parse('[project\n'))).toMatch(
      /^DIST_SOURCE_INVALID apps\/demo\/pyproject\.toml:1:\d+: Invalid TOML/,
    );
  });
});

describe('readPyproject', () => {
  test('reads the file of a source tree', async () => {
    const root = mkdtempSync(join(tmpdir(), 'pinpack-source-'));
    onTestFinished(() => {
      rmSync(root, { recursive: true });
    });
    mkdirSync(join(root, 'apps/demo'), { recursive: true });
    writeFileSync(join(root, 'apps/demo/pyproject.toml'), WHOLE);
    expect(await readPyproject(root, 'apps/demo')).toEqual(EXPECTED);
  });
});
