import { expect, test } from 'vitest';
import { suggestOptions } from './suggest-options.js';

test.each([
  ['run demo:lock --upgrde', ['--upgrde is not an option of lock: did you mean --upgrade?']],
  ['lock demo --upgrade-pakage=six', ['--upgrade-pakage is not an option of lock: did you mean --upgrade-package?']],
  [
    'run demo:lock --excludenewer=2026-01-01',
    ['--excludenewer is not an option of lock: did you mean --exclude-newer?'],
  ],
  ['run demo:lock --upgrade --upgradePackage=six --exclude-newer=2026-01-01 --from uv.lock', []],
  ['run demo:lock --skip-nx-cache --verbose --parallel=3 --output-style=static', []],
  ['run demo:build --upgrde', []],
  ['run-many -t lock --upgrde', []],
  ['run demo:../lock --upgrde', []],
  ['graph', []],
])('nx %s', (words, hints) => {
  expect(suggestOptions(['node', 'nx', ...words.split(' ')])).toEqual(hints);
});
