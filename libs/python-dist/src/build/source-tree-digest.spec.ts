import { chmodSync, cpSync, mkdirSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { digestSourceTree, hasExtensions, mayCompile } from './source-tree-digest.js';

let folder: string;

beforeEach(() => {
  folder = join(temporaryFolder(), 'tree');
  mkdirSync(join(folder, 'src/demo'), { recursive: true });
  writeFileSync(join(folder, 'pyproject.toml'), '[project]\n');
  writeFileSync(join(folder, 'src/demo/__init__.py'), '');
  for (const file of ['pyproject.toml', 'src/demo/__init__.py']) chmodSync(join(folder, file), 0o644);
});

describe('digestSourceTree', () => {
  test('does not depend on the path and the times of the tree', async () => {
    const copy = join(temporaryFolder(), 'copy');
    cpSync(folder, copy, { recursive: true });
    utimesSync(join(copy, 'pyproject.toml'), 1, 1);
    expect(await digestSourceTree(copy)).toBe(await digestSourceTree(folder));
  });

  test.each<[string, () => void]>([
    [
      'content',
      () => {
        writeFileSync(join(folder, 'src/demo/__init__.py'), '#');
      },
    ],
    [
      'a name',
      () => {
        writeFileSync(join(folder, 'src/demo/other.py'), '');
      },
    ],
    [
      'a mode',
      () => {
        chmodSync(join(folder, 'pyproject.toml'), 0o755);
      },
    ],
    [
      'a link instead of a file',
      () => {
        unlinkSync(join(folder, 'src/demo/__init__.py'));
        symlinkSync('../../pyproject.toml', join(folder, 'src/demo/__init__.py'));
      },
    ],
  ])('changes with %s', async (_what, change) => {
    const before = await digestSourceTree(folder);
    change();
    expect(await digestSourceTree(folder)).not.toBe(before);
  });
});

describe('mayCompile', () => {
  test('is false for pure Python and a backend that compiles nothing', async () => {
    expect(await mayCompile(folder, ['setuptools', 'wheel'])).toBe(false);
  });

  test.each(['src/demo/_speed.c', 'src/demo/_speed.pyx', 'meson.build', 'src/lib.rs'])(
    'is true with %s',
    async (file) => {
      writeFileSync(join(folder, file), '');
      expect(await mayCompile(folder, ['setuptools'])).toBe(true);
    },
  );

  test.each(['cffi', 'mypy', 'numpy', 'some-backend'])(
    'is true with the unknown build requirement %s',
    async (name) => {
      expect(await mayCompile(folder, ['setuptools', name])).toBe(true);
    },
  );
});

describe('hasExtensions', () => {
  test.each([
    ['src/demo/_speedups.c', true],
    ['src/demo/fast.pyx', true],
    ['Cargo.toml', true],
    ['tests/data/x.c', false],
    ['docs/Makefile', false],
    ['src/demo/template.h', false],
  ])('of a tree with %s is %s', async (path, expected) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), '');
    expect(await hasExtensions(folder)).toBe(expected);
  });
});
