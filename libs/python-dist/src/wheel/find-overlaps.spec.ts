import { describe, expect, test } from 'vitest';
import { findOverlaps } from './find-overlaps.js';
import { installedFiles } from './installed-files.js';

const DIST_INFO = 'my_demo-1.0.dist-info';

function place(...names: string[]): string[] {
  const files = names.map((name) => ({ name, content: 'x' }));
  return Object.keys(installedFiles({ distInfo: DIST_INFO, files }, '3.11'));
}

describe('installedFiles', () => {
  test.each([
    ['demo/a.py', 'site-packages/demo/a.py'],
    ['my_demo-1.0.data/purelib/a.py', 'site-packages/a.py'],
    ['my_demo-1.0.data/platlib/a.so', 'site-packages/a.so'],
    ['my_demo-1.0.data/scripts/run', 'bin/run'],
    ['my_demo-1.0.data/headers/a/b.h', 'include/site/python3.11/my_demo/a/b.h'],
    ['my_demo-1.0.data/data/share/x', 'share/x'],
    ['my_demo-1.0.data/data/lib64/x', 'lib/x'],
    ['my_demo-1.0.data/data/lib/python3.11/site-packages/a.py', 'site-packages/a.py'],
  ])('places %s', (name, expected) => {
    expect(place(name)).toEqual([expected]);
  });

  test('omits what no other pin has, and bytecode', () => {
    expect(place(`${DIST_INFO}/RECORD`, 'demo/__pycache__/a.cpython-311.pyc')).toEqual([]);
  });

  test('has commands, by what they call', () => {
    const entryPoints = '[console_scripts]\nrun = demo:main\n[other]\nx = y:z\n[gui_scripts]\nshow=demo:show\n';
    expect(installedFiles({ distInfo: DIST_INFO, files: [], entryPoints }, '3.11')).toEqual({
      'bin/run': 'demo:main',
      'bin/show': 'demo:show',
    });
  });
});

/** The overlaps of pins a, b, … with these files: `path=content`. */
function overlapsOf(...pins: string[][]) {
  return findOverlaps(
    pins.map((files, index) => ({
      name: 'abcd'[index] ?? '',
      files: Object.fromEntries(files.map((file) => file.split('='))) as Record<string, string>,
    })),
  ).map(({ pins: [one, other], paths, isHarmless, isImpossible }) =>
    [`${one}+${other}`, ...paths, ...(isHarmless ? ['harmless'] : []), ...(isImpossible ? ['impossible'] : [])].join(
      ' ',
    ),
  );
}

const SITE = 'site-packages';

describe('findOverlaps', () => {
  test.each<[string, string[][], string[]]>([
    ['no common path', [[`${SITE}/a.py=1`], [`${SITE}/b.py=1`]], []],
    ['identical files of a namespace package', [[`${SITE}/ns/__init__.py=1`], [`${SITE}/ns/__init__.py=1`]], []],
    ['a module', [[`${SITE}/x.py=1`], [`${SITE}/x.py=2`]], ['a+b x.py']],
    ['a command', [['bin/run=a:main'], ['bin/run=b:main']], ['a+b bin/run']],
    ['data', [['share/x=1'], ['share/x=2']], ['a+b share/x']],
    ['a module and a package', [[`${SITE}/x.py=1`], [`${SITE}/x/__init__.py=1`]], ['a+b x.py x/__init__.py']],
    ['a module and an extension', [[`${SITE}/p/x.py=1`], [`${SITE}/p/x.abi3.so=1`]], ['a+b p/x.abi3.so p/x.py']],
    ['a module and an extension of one pin', [[`${SITE}/x.py=1`, `${SITE}/x.so=1`], []], []],
    ['a module and a namespace package', [[`${SITE}/x.py=1`], [`${SITE}/x/y.py=1`]], []],
    ['a file and a folder', [['share/x=1'], ['share/x/y=1']], ['a+b share/x share/x/y impossible']],
    [
      'three pins, of which two agree',
      [[`${SITE}/x.py=1`], [`${SITE}/x.py=1`], [`${SITE}/x.py=2`]],
      ['a+c x.py', 'b+c x.py'],
    ],
    [
      'tests and documents',
      [
        [`${SITE}/LICENSE=1`, `${SITE}/tests/__init__.py=1`],
        [`${SITE}/LICENSE=2`, `${SITE}/tests/__init__.py=2`],
      ],
      ['a+b LICENSE tests/__init__.py harmless'],
    ],
    [
      'a module beside documents, which comes first',
      [
        [`${SITE}/LICENSE=1`, `${SITE}/x.py=1`],
        [`${SITE}/LICENSE=2`, `${SITE}/x.py=2`],
      ],
      ['a+b x.py LICENSE'],
    ],
    ['tests of a package', [[`${SITE}/p/tests/a.py=1`], [`${SITE}/p/tests/a.py=2`]], ['a+b p/tests/a.py']],
  ])('finds %s', (_, pins, expected) => {
    expect(overlapsOf(...pins)).toEqual(expected);
  });
});
