import { expect, test } from 'vitest';
import { runsTarget } from './runs-target.js';

test.each([
  ['run reqset1:publish', true],
  ['publish reqset1', true],
  ['run-many -t publish', true],
  ['run-many -t rpm publish -p reqset1', true],
  ['run-many --targets=rpm,publish', true],
  ['affected --target publish --base=main', true],
  ['run reqset1:publish --verbose', true],
  ['run publish:rpm', false],
  ['run reqset1:publishing', false],
  ['run-many -t rpm -p publish', false],
  ['rpm publish', false],
  ['graph', false],
])('nx %s', (words, runs) => {
  expect(runsTarget(['node', 'nx', ...words.split(' ')], 'publish')).toBe(runs);
});
