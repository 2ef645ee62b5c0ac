import { expect, test } from 'vitest';
import { layoutWarnings } from './layout-warnings.js';

test('the layout stored, with the set and its replacement, and nothing for tree', () => {
  expect(layoutWarnings('multi-py311', { layout: 'stored' })).toEqual([
    expect.stringMatching(
      /^multi-py311: .*"layout": "stored", which the release after the next removes; "fleet": "patches"/,
    ),
  ]);
  expect(layoutWarnings('multi-py311', { layout: 'tree' })).toEqual([]);
});
