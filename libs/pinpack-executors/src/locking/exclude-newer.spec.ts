import { expect, test } from 'vitest';
import { excludeNewerIn } from './exclude-newer.js';

test.each([
  [['nx', 'run', 'demo:lock'], undefined],
  [['nx', 'run', 'demo:lock', '--exclude=demo', '--excludeNewer=2026-01-01'], undefined],
  [['nx', 'run', 'demo:lock', '--exclude-newer=2026-01-01'], '2026-01-01'],
  [['nx', 'run', 'demo:lock', '--exclude-newer', '2026-01-01', '--upgrade'], '2026-01-01'],
  [['nx', 'run', 'demo:lock', '--exclude-newer=2026-01-01', '--exclude-newer=2026-02-01'], '2026-02-01'],
  [['nx', 'run', 'demo:lock', '--exclude-newer'], ''],
])('%j: %s', (argv, value) => {
  expect(excludeNewerIn(argv)).toBe(value);
});
