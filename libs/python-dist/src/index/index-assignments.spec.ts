import { expect, test } from 'vitest';
import { assignedIndex } from './index-assignments.js';

const ASSIGNMENTS = {
  '*': 'default',
  'acme-*': 'internal',
  Acme_Public: 'default',
  '*-acme': 'other',
  'a*b*c': 'third',
};

test.each([
  ['numpy', 'default', '*'],
  ['acme-tools', 'internal', 'acme-*'],
  ['acme-public', 'default', 'Acme_Public'],
  ['acme-', 'internal', 'acme-*'],
  ['acme', 'default', '*'],
  ['tools-acme', 'other', '*-acme'],
  ['a-x-b-y-c', 'third', 'a*b*c'],
  ['abc', 'third', 'a*b*c'],
  ['a-c-b', 'default', '*'],
])('%s', (project, index, pattern) => {
  expect(assignedIndex(ASSIGNMENTS, project)).toEqual({ index, pattern });
});

test('nothing is assigned without a matching pattern', () => {
  expect(assignedIndex({}, 'numpy')).toBeUndefined();
  expect(assignedIndex({ 'acme-*': 'internal' }, 'acme')).toBeUndefined();
});
