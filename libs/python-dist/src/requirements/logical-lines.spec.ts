import { execa } from 'execa';
import { expect, test } from 'vitest';
import { logicalLines } from './logical-lines.js';
import { askPython, drawCases, packagingPython } from '@pinpack/testing';

const PIP_LINES = `
from pip._internal.req.req_file import preprocess
results = [[{"raw": line, "line": number} for number, line in preprocess(text)] for text in cases]`;

const LINES = [
  'numpy==2.4.6',
  '# a comment',
  'scipy>=1 # why',
  '  ',
  '',
  'pandas \\',
  'a#b',
  '\\',
  ' # c \\',
  'b==1\\\\',
];

test('joins lines and removes comments as pip does', async (context) => {
  const python = await packagingPython(context);
  const probe = await execa(python, ['-I', '-c', 'import pip._internal.req.req_file'], { reject: false });
  if (probe.exitCode !== 0) context.skip('the Python that has packaging has no pip');
  const cases = drawCases(41, 3000, ({ pick, below }) =>
    Array.from({ length: below(8) }, () => pick(LINES)).join('\n'),
  );
  const expected = await askPython<unknown[]>(python, PIP_LINES, cases);
  expect(cases.map((text) => [text, logicalLines(text)])).toEqual(cases.map((text, index) => [text, expected[index]]));
});
