/** docs/security.md: every mitigation names tests that exist. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** In backticks: `fault.spec.ts`, `test_names.py`, and without a folder. */
const FILE = /`([\w./-]+\.(?:spec\.ts|e2e\.ts|py))`/g;
/** In backticks: the name of a Python test. */
const PYTHON_TEST = /`(test_\w+)`/g;
/** In quotes: the title of a test or its beginning. */
const TITLE = /"([^"]+?)…?"/g;

test('every row of the tables names tests that exist', async () => {
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  const files = new Map(stdout.split('\n').map((path) => [basename(path), path]));
  const rows = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\|(?! ?-| threat)/.test(line));
  const problems = rows.flatMap((row) => {
    const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return describeProblems(cells.at(-2) ?? '', files).map((problem) => `${String(cells[1])}: ${problem}`);
  });
  expect(rows.length).toBeGreaterThan(50);
  expect(problems).toEqual([]);
});

function describeProblems(cell: string, files: ReadonlyMap<string, string>): string[] {
  const named = matches(cell, FILE).map((file) => basename(file));
  if (named.length === 0) return ['names no test'];
  const missing = named.filter((file) => !files.has(file));
  const text = named.map((file) => readFileSync(join(ROOT, files.get(file) ?? 'package.json'), 'utf8')).join('\n');
  const plain = text.replaceAll('\\', '');
  const quoted = [
    ...matches(cell, PYTHON_TEST).filter((name) => !cell.includes(`${name}.py`)),
    ...matches(cell, TITLE),
  ];
  return [
    ...missing.map((file) => `${file} does not exist`),
    ...quoted.filter((title) => !plain.includes(title)).map((title) => `no test is called "${title}"`),
  ];
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);
}
