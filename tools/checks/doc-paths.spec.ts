/** Files that the documentation names exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** In backticks, and without placeholders or patterns. */
const PATH = /`((?:libs|tools|docs|deploy)\/[\w./@-]+)`/g;
/** Links to pages, relative to the page. */
const LINK = /\]\((?!https?:)([\w./-]+\.md)(?:#[\w-]*)?\)/g;

test('every file and page that a page names exists', async () => {
  const { stdout } = await execa('git', ['ls-files', '--', '*.md'], { cwd: ROOT });
  const pages = stdout.split('\n').filter((page) => existsSync(join(ROOT, page)));
  const missing = pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const paths = [...text.matchAll(PATH)].map(([, path = '']) => join(ROOT, path));
    const links = [...text.matchAll(LINK)].map(([, path = '']) => join(ROOT, page, '..', path));
    return [...paths, ...links]
      .filter((path) => !existsSync(path))
      .map((path) => `${page}: ${path.slice(ROOT.length)}`);
  });
  expect(pages.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});
