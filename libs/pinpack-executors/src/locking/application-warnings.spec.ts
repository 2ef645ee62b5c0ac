import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { applicationWarnings } from './application-warnings.js';

test('folders that are no application, and names of unknown reqsets, with the list of known ones', () => {
  const root = temporaryFolder();
  const project = (reqsets: string): string =>
    `[project]\nname = "x"\nversion = "1"\n[tool.pinpack]\nreqsets = ${reqsets}\n`;
  for (const [path, text] of [
    ['reqsets/demo/requirements.txt', ''],
    ['reqsets/multi/requirements.txt', ''],
    ['reqsets/multi/reqset.json', '{"variants":{"py311":{}}}'],
    ['apps/README.md', 'not a folder'],
    ['apps/fine/pyproject.toml', project('["demo", "multi", "multi/py311"]')],
    ['apps/wrong/pyproject.toml', project('["demoo", "multi/py312"]')],
    ['apps/other-tool/pyproject.toml', '[project]\nname = "y"\nversion = "1"\n'],
    ['apps/old/setup.py', ''],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const known = 'expected some of demo, multi, multi/py311';
  expect(applicationWarnings(root)).toEqual([
    expect.stringContaining('apps/old has no pyproject.toml'),
    expect.stringMatching(new RegExp(`apps/wrong/pyproject.toml: .*"demoo".*${known}`)),
    expect.stringMatching(new RegExp(`"multi/py312".*${known}`)),
  ]);
});
