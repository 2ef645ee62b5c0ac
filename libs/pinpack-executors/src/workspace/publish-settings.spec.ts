import { describe, expect, test } from 'vitest';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { readPublishSettings } from './publish-settings.js';

const BUILDER = 'urn:pinpack:builder:unspecified';
const NUMBERS = { keep: 5, deltas: 3, patches: 0, patchBudget: 4096, deltaShare: 0.8, validDays: 30 };
const DEFAULTS = { ...NUMBERS, reproduce: false, builder: BUILDER };
const NOTHING = { ...DEFAULTS, to: undefined, url: undefined, sign: undefined };

describe('readPublishSettings', () => {
  test('nothing configured', () => {
    expect(readPublishSettings({}, {})).toEqual(NOTHING);
    expect(readPublishSettings({ store: 'https://store.example.com' }, {})).toEqual(NOTHING);
  });

  test('everything configured', () => {
    const publish = {
      ...{ to: 's3://b/p', url: 'https://r/x/', keep: 2, deltas: 0, patches: 4, deltaShare: 1, sign: { key: 'AB12' } },
      ...{ patchBudget: 100, validDays: 7, reproduce: true, builder: 'https://ci.example.com/1' },
    };
    expect(readPublishSettings({ publish, store: 's3://other' }, {})).toEqual({
      ...publish,
      url: 'https://r/x',
      sign: { key: 'AB12', keyFile: undefined, passphraseFile: undefined },
    });
  });

  test('the environment overrides the options, and empty variables count as unset', () => {
    const options = { publish: { to: 's3://b/p', url: 'https://r', sign: { key: 'one' } } };
    const environment = {
      PINPACK_PUBLISH: 'file:///srv/pub',
      PINPACK_PUBLISH_URL: 'http://127.0.0.1:80/pub',
      PINPACK_BUILDER: 'https://ci.example.com/2',
      PINPACK_SIGN_KEY: 'two',
      PINPACK_SIGN_KEY_FILE: '/run/key',
      PINPACK_SIGN_PASSPHRASE_FILE: '/run/pass',
    };
    expect(readPublishSettings(options, environment)).toMatchObject({
      to: 'file:///srv/pub',
      url: 'http://127.0.0.1:80/pub',
      builder: 'https://ci.example.com/2',
      sign: { key: 'two', keyFile: '/run/key', passphraseFile: '/run/pass' },
    });
    expect(readPublishSettings(options, { PINPACK_PUBLISH: '', PINPACK_SIGN_KEY: '' })).toMatchObject({
      to: 's3://b/p',
      sign: { key: 'one' },
    });
  });

  test.each<[PluginOptions, Record<string, string>, string, string | undefined]>([
    [{ store: 'file:///srv/store/' }, {}, 'file:///srv/store/publish', 'file:///srv/store/publish'],
    [
      { store: 's3://b?region=eu-west-1' },
      {},
      's3://b/publish?region=eu-west-1',
      'https://b.s3.eu-west-1.amazonaws.com/publish',
    ],
    [{ store: 's3://b/x' }, {}, 's3://b/x/publish', undefined],
    [{}, { PINPACK_STORE: 's3://b/x', AWS_REGION: 'r' }, 's3://b/x/publish', 'https://b.s3.r.amazonaws.com/x/publish'],
    [
      { publish: { to: 's3://b/p?pathStyle=true&endpoint=http%3A%2F%2Fh%3A9000' } },
      {},
      's3://b/p?pathStyle=true&endpoint=http%3A%2F%2Fh%3A9000',
      'http://h:9000/b/p',
    ],
    [
      { publish: { to: 's3://b/p?endpoint=http%3A%2F%2Fh%3A9000' } },
      {},
      's3://b/p?endpoint=http%3A%2F%2Fh%3A9000',
      undefined,
    ],
  ])('%o %o', (options, environment, to, url) => {
    expect(readPublishSettings(options, environment)).toMatchObject({ to, url });
  });

  test.each(['ftp://x', 'rpms', 'https://user:word@host', 'https://host/?a=b'])('refuses the URL %s', (url) => {
    expect(() => readPublishSettings({ publish: { url } }, {})).toThrow('the URL of the publication');
  });
});
