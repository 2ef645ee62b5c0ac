import { describe, expect, test } from 'vitest';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { readPublishSettings } from './publish-settings.js';

const NOTHING = { to: undefined, url: undefined, keep: 5, deltas: 3, deltaShare: 0.8, sign: undefined };

describe('readPublishSettings', () => {
  test('nothing configured', () => {
    expect(readPublishSettings({}, {})).toEqual(NOTHING);
    expect(readPublishSettings({ store: 'https://store.example.com' }, {})).toEqual(NOTHING);
  });

  test('everything configured', () => {
    const publish = { to: 's3://b/p', url: 'https://r/x/', keep: 2, deltas: 0, deltaShare: 1, sign: { key: 'AB12' } };
    expect(readPublishSettings({ publish, store: 's3://other' }, {})).toEqual({
      ...publish,
      url: 'https://r/x',
      sign: { key: 'AB12', keyFile: undefined, passphraseFile: undefined },
    });
  });

  test('the environment goes before the options, and what is empty is not set', () => {
    const options = { publish: { to: 's3://b/p', url: 'https://r', sign: { key: 'one' } } };
    const environment = {
      PINPACK_PUBLISH: 'file:///srv/pub',
      PINPACK_PUBLISH_URL: 'http://127.0.0.1:80/pub',
      PINPACK_SIGN_KEY: 'two',
      PINPACK_SIGN_KEY_FILE: '/run/key',
      PINPACK_SIGN_PASSPHRASE_FILE: '/run/pass',
    };
    expect(readPublishSettings(options, environment)).toMatchObject({
      to: 'file:///srv/pub',
      url: 'http://127.0.0.1:80/pub',
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

  test('tells every problem at once', () => {
    const publish = { too: 1, url: 5, keep: 0, deltas: 1.5, deltaShare: 2, sign: { secret: 'x' } };
    expect(() => readPublishSettings({ publish } as unknown as PluginOptions, {})).toThrow(
      [
        'publish in nx.json: no such option: too, expected one of to, url, keep, deltas, deltaShare, sign',
        'url is 5, expected a URL',
        'keep is 0, expected a whole number from 1 on',
        'deltas is 1.5, expected a whole number from 0 on',
        'deltaShare is 2, expected a share over 0 and up to 1',
        'sign is {"secret":"x"}, expected { "key": "<fingerprint or user id>" }',
      ].join('\n  '),
    );
  });

  test.each(['ftp://x', 'rpms', 'https://user:word@host', 'https://host/?a=b'])('refuses the URL %s', (url) => {
    expect(() => readPublishSettings({ publish: { url } }, {})).toThrow('the URL of what is published');
  });
});
