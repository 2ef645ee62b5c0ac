import { expect, test } from 'vitest';
import { unitActions } from './unit-names.js';

test.each([
  [['a.service'], { enable: ['a.service'], templates: [], stop: [], restart: ['a.service'] }],
  [
    // A socket is stopped before the service that it would start again.
    ['a.service', 'a-worker.service', 'a.socket'],
    {
      enable: ['a.socket', 'a-worker.service', 'a.service'],
      templates: [],
      stop: [],
      restart: ['a-worker.service', 'a.service'],
    },
  ],
  [
    // A job that runs is not restarted.
    ['a.service', 'a.timer'],
    { enable: ['a.timer'], templates: [], stop: ['a.service'], restart: [] },
  ],
  [
    ['a@.service', 'a.target', 'a-migrate@.service'],
    {
      enable: ['a.target'],
      templates: ['a@.service'],
      stop: ['a-migrate@*.service', 'a@*.service'],
      restart: ['a@*.service'],
    },
  ],
])('unitActions of %j', (units, expected) => {
  expect(unitActions(units)).toEqual(expected);
});
