/** Credentials in the files that a new reqset is made of must not get into the workspace. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, thrown } from '@pinpack/testing';
import reqset from './generator.js';

/** Writes a file outside of the workspace. Returns its path. */
function writeFile(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

/** The requirements.txt that is made of another one, without its first line. */
function requirementsFrom(text: string): string[] {
  const tree = createTreeWithEmptyWorkspace();
  reqset(tree, { name: 'fresh', from: writeFile('requirements.txt', text) });
  return (tree.read('reqsets/fresh/requirements.txt', 'utf-8') ?? '').trimEnd().split('\n').slice(1);
}

describe('credentials of an index', () => {
  const SECRET = /secret|user/;

  test.each([
    '--extra-index-url https://user:secret@index.example/simple',
    '--index-url=https://secret@index.example/simple',
    '-i https://user:secret@index.example/simple',
    '-f https://user:secret@files.example/links.html',
    '--extra-index-url \\\n  https://user:secret@index.example/simple',
    '--extra-index-url https://index.example/simple?token=secret',
    '# --extra-index-url https://user:secret@index.example/simple',
    'numpy  # from https://user:secret@index.example/simple',
  ])('are not copied: %j', (line) => {
    const copied = requirementsFrom(`# first\n${line}\nrequests==2.31.0\n`).join('\n');
    expect(copied).toContain('requests==2.31.0');
    expect(copied).toContain('.example');
    expect(copied.replaceAll('USERNAME', '')).not.toMatch(SECRET);
  });

  test('are mentioned with the place where they belong', () => {
    const text = '--extra-index-url https://user:secret@pypi.internal.example/simple\nrequests==2.31.0\n';
    expect(requirementsFrom(`\n${text}`)).toEqual([
      '# Omitted: --extra-index-url https://…@pypi.internal.example/simple',
      '# Its credentials belong in ~/.netrc, in the URL in pip.conf, or in UV_INDEX_<NAME>_USERNAME and UV_INDEX_<NAME>_PASSWORD.',
      'requests==2.31.0',
    ]);
  });

  test.each([
    ['requirements.txt', 'demo @ https://user:secret@files.example/demo-1.0-py3-none-any.whl\n'],
    ['requirements.txt', '-e git+https://secret@git.example/demo.git\n'],
    ['requirements.txt', 'https://user:secret@files.example/demo-1.0-py3-none-any.whl\n'],
    ['requirements.txt', '-x https://user:secret@files.example/\n'],
    [
      'pyproject.toml',
      '[project]\nname = "x"\ndependencies = ["demo @ git+https://user:secret@git.example/demo.git"]\n',
    ],
  ])('in a requirement are refused without showing them: %s %j', (file, text) => {
    const tree = createTreeWithEmptyWorkspace();
    const from = writeFile(file, text);
    const message = thrown(() => reqset(tree, { name: 'fresh', from }));
    expect(message).toMatch(/^(?:PINPACK|DIST)_/);
    expect(message).toContain('.example');
    expect(message).not.toMatch(SECRET);
    expect(tree.exists('reqsets/fresh/requirements.txt')).toBe(false);
  });
});
