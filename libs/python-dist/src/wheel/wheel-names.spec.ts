/** Names of wheels and their entry points, with the table of cases that the checks on the server use too (test_names.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { entryNameIssues } from '../zip/entry-name.js';
import { dataFault, dataIssues, entryPointIssues, isDataPath, referenceFault, scriptFault } from './wheel-names.js';

type Cases = Record<'paths' | 'scripts' | 'data' | 'references', Record<string, string[]>>;

const TABLE = new URL('../../../pinpack-runtime/tests/wheel-names.json', import.meta.url);
const cases = JSON.parse(readFileSync(TABLE, 'utf8')) as Cases;

describe('every case', () => {
  test.each([
    ['scripts', scriptFault],
    ['data', dataFault],
    ['references', referenceFault],
  ] as const)('of %s', (kind, faultOf) => {
    for (const [fault, names] of Object.entries(cases[kind])) {
      for (const name of names) expect([name, faultOf(name)]).toEqual([name, fault]);
    }
  });

  test('of paths', () => {
    for (const [fault, names] of Object.entries(cases.paths)) {
      // In a zip a slash at the end marks a folder.
      for (const name of names.filter((each) => each === '/' || !each.endsWith('/'))) {
        expect([name, entryNameIssues(name).length]).toEqual([name, fault === '' ? 0 : 1]);
      }
    }
  });
});

test('the .data folder is that of the same project and version', () => {
  const found = ['demo_x-1.0.data/data/x', 'Demo.X-1.0.data/x', 'demo_x-1.0.data', 'other-1.0.data/data/x'];
  expect(found.map((path) => isDataPath(path, 'demo_x-1.0.dist-info'))).toEqual([true, true, false, false]);
  const issues = dataIssues(
    ['demo-1.0.data/data/pyvenv.cfg', 'pyvenv.cfg', 'demo-1.0.data/data/x'],
    'demo-1.0.dist-info',
  );
  expect(issues.map(({ message }) => message)).toEqual([
    'entry "demo-1.0.data/data/pyvenv.cfg" is a name that the environment itself uses',
  ]);
});

describe('entry points', () => {
  test.each([
    ['', []],
    [
      '# c\n; c\n[console_scripts]\nOne = a.b:c.d\r\ntwo=a:e [x]\n\n[gui_scripts]\nthree = f:g\n[other]\n../x = y\n',
      [],
    ],
    ['[other]\nx = a\n  b\n', []],
    [
      '[console_scripts]\n../../../../tmp/victim = a:b\nok = a:b;import os\nfine = a:b\n  import os\n',
      [
        'entry_points.txt: console_scripts "../../../../tmp/victim" = "a:b" is not the name of a command',
        'entry_points.txt: console_scripts "ok" = "a:b;import os" is not of the form module:function',
        'entry_points.txt: console_scripts "fine" = "a:b\\nimport os" is not of the form module:function',
      ],
    ],
    // As in the wheels of gunicorn 20.1 and Babel 2.7.
    ['\n    [console_scripts]\n    one=a:b\n\n    [paste.server_runner]\n    main=a:c\n    ', []],
    [
      '  [console_scripts]\n  one = a:b\n  two = c d\n   e\n',
      ['entry_points.txt: console_scripts "two" = "c d\\ne" is not of the form module:function'],
    ],
    ['x = y\n', ['entry_points.txt: it cannot be read as INI: "x = y"']],
    ['[[[\n\0', ['entry_points.txt: it cannot be read as INI: "[[["']],
  ])('of %j', (text, messages) => {
    expect(entryPointIssues(text).map(({ message }) => message)).toEqual(messages);
  });
});
