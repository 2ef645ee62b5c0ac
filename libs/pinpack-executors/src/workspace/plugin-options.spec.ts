import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '@pinpack/python-dist';
import { thrown } from '@pinpack/testing';
import { limitsOf, pluginOptions, vendorOf } from './plugin-options.js';

function optionsOf(options: unknown) {
  return pluginOptions({ plugins: ['other', { plugin: 'pinpack', options }] });
}

test('options are optional', () => {
  expect(pluginOptions({})).toEqual({});
  expect(pluginOptions({ plugins: ['pinpack'] })).toEqual({});
  expect(vendorOf(optionsOf({}))).toBe('pinpack');
});

test('all options are accepted', () => {
  const options = {
    ...{ store: 's3://b', publicKeys: ['a'], uploadDeadline: 0, vendor: 'ACME' },
    limits: { pageMiB: 100, wheelRatio: 200 },
    publish: { to: 's3://b/p', url: 'https://r', keep: 1, deltas: 0, deltaShare: 1, sign: { key: 'AB' } },
    sandbox: 'off',
    builds: {
      ...{ readable: ['/opt/cuda'], timeMinutes: 0.5, memoryMiB: 1, processes: 1, diskMiB: 1, logMiB: 1 },
      ...{ sdistMiB: 1, sdistRatio: 1.5, sdistEntries: 1 },
    },
  };
  expect(optionsOf(options)).toEqual(options);
});

test('unknown options are rejected with the nearest name', () => {
  expect(thrown(() => optionsOf({ stroe: 's3://b', publish: { deltaShares: 1 }, x: 1 }))).toBe(
    [
      'PINPACK_OPTIONS_INVALID nx.json, options of the plugin pinpack: publish.deltaShares is not a setting, did you mean deltaShare? Known: to, url, keep, deltas, patches, patchBudget, deltaShare, validDays, reproduce, builder, sign',
      'stroe is not a setting, did you mean store? Known: store, publicKeys, uploadDeadline, mirror, vendor, publish, limits, sandbox, builds, audit, licenses',
      'x is not a setting, expected store, publicKeys, uploadDeadline, mirror, vendor, publish, limits, sandbox, builds, audit, licenses',
    ].join('\n  '),
  );
});

test('every issue is reported', () => {
  const publish = { url: 5, keep: 0, deltas: 1.5, deltaShare: 2, sign: { key: '' } };
  const builds = { readable: ['opt'], timeMinutes: 0, processes: 1.5 };
  expect(
    thrown(() => optionsOf({ uploadDeadline: -1, publish, sandbox: false, builds }))
      .split('\n  ')
      .slice(1),
  ).toEqual([
    'publish.url is 5, expected a URL such as https://rpms.example.com',
    'publish.keep is 0, expected a whole number from 1',
    'publish.deltas is 1.5, expected a whole number from 0',
    'publish.deltaShare is 2, expected a share above 0 and up to 1',
    'publish.sign.key is "", expected a fingerprint or user id',
    'sandbox is false, expected "on" or "off"',
    'builds.readable[0] is "opt", expected absolute paths of folders',
    'builds.timeMinutes is 0, expected a number above 0',
    'builds.processes is 1.5, expected a whole number from 1',
  ]);
});

test('limits override the defaults', () => {
  expect(limitsOf(optionsOf({ limits: { pageMiB: 100 } }))).toEqual({ ...DEFAULT_LIMITS, pageMiB: 100 });
  expect(thrown(() => optionsOf({ limits: { pageMiB: 0, pages: 1 } }))).toContain(
    'limits.pageMiB is 0, expected a number above 0',
  );
});
