/** fold_links.py, run by the machine's own Python. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaSync } from 'execa';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { needProgram } from '@pinpack/testing';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pinpack-fold-')));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const HERE = fileURLToPath(new URL('../../python', import.meta.url));
const SCRIPT =
  'import sys, json; sys.path.insert(0, sys.argv[1]); from fold_links import fold_links; print(json.dumps(fold_links(json.load(sys.stdin))))';
let count = 0;

/** Files by wheel, each placed where its path says; gives links as `target → source`. */
function fold(wheels: Record<string, string[]>, written: string[] = [], unplaced: string[] = []): string[] {
  const root = join(folder, String(count++));
  const write = (path: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  };
  const placements: Record<string, string> = {};
  for (const [wheel, files] of Object.entries(wheels)) {
    for (const file of files) {
      write(join(root, wheel, file));
      placements[join(root, 'site', file)] = join(root, wheel, file);
    }
  }
  written.forEach((file) => {
    write(join(root, 'site', file));
  });
  unplaced.forEach((file) => {
    write(join(root, file));
  });
  const { stdout } = execaSync('python3', ['-B', '-c', SCRIPT, HERE], { input: JSON.stringify(placements) });
  const links = JSON.parse(stdout) as [string, string][];
  return links.map((link) => link.map((path) => path.slice(root.length + 1)).join(' → '));
}

beforeEach((context) => needProgram(context, 'python3'));

describe('fold_links', () => {
  test('links a package of one wheel as a whole, and modules one by one', () => {
    expect(fold({ a: ['pkg/__init__.py', 'pkg/deep/x.py', 'pkg/deep/y.py', 'module.py'] }, ['there'])).toEqual([
      'site/module.py → a/module.py',
      'site/pkg → a/pkg',
    ]);
  });

  test('goes into a folder that several wheels share', () => {
    const wheels = { a: ['space/one/__init__.py', 'space/one/x.py'], b: ['space/two/__init__.py', 'space/z.py'] };
    expect(fold(wheels, ['there'])).toEqual([
      'site/space/one → a/space/one',
      'site/space/two → b/space/two',
      'site/space/z.py → b/space/z.py',
    ]);
  });

  test('goes into a folder that something was written to', () => {
    expect(fold({ a: ['a.dist-info/METADATA', 'a.dist-info/licenses/MIT'] }, ['a.dist-info/RECORD'])).toEqual([
      'site/a.dist-info/METADATA → a/a.dist-info/METADATA',
      'site/a.dist-info/licenses → a/a.dist-info/licenses',
    ]);
  });

  test('links no folder that holds more than belongs there', () => {
    expect(fold({ a: ['pkg/x.py'] }, ['there'], ['a/pkg/other.py'])).toEqual(['site/pkg/x.py → a/pkg/x.py']);
  });
});
