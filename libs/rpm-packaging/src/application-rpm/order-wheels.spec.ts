import { expect, test } from 'vitest';
import { orderWheels } from './order-wheels.js';

test.each([
  ['without groups', [], 'a b c d'],
  ['in the order of a group, at the places of its members', [['d', 'b']], 'a d c b'],
  ['without names that it does not have', [['x', 'c', 'a']], 'c b a d'],
  [
    'in the order of the last of contradicting groups',
    [
      ['b', 'a'],
      ['a', 'b'],
    ],
    'a b c d',
  ],
  ['with a name once', [['c', 'a', 'c']], 'c b a d'],
])('orders wheels %s', (_, groups, expected) => {
  const wheels = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
  expect(orderWheels(wheels, groups).map(({ name }) => name)).toEqual(expected.split(' '));
});
