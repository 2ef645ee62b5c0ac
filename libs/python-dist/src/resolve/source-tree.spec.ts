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
