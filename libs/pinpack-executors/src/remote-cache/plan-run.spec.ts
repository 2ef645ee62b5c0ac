import { describe, expect, test } from 'vitest';
import { clientEnvironment, planRun } from './plan-run.js';

describe('planRun', () => {
  test('nothing is planned where no store is configured, or it is off', () => {
    expect(planRun(undefined, {})).toBeUndefined();
    expect(planRun({ vendor: 'us' }, {})).toBeUndefined();
    expect(planRun({ store: 's3://bucket' }, { PINPACK_STORE_MODE: 'off' })).toBeUndefined();
    expect(planRun({ store: '' }, { PINPACK_STORE: '' })).toBeUndefined();
  });

  test('the environment goes before the option', () => {
    expect(planRun({ store: 's3://bucket' }, { PINPACK_STORE: 'file:///srv' })?.url).toBe('file:///srv');
    expect(planRun({ store: 's3://bucket' }, { PINPACK_STORE: '' })?.url).toBe('s3://bucket');
  });

  test("a server of the user's goes before ours, and one of an earlier run is ours", () => {
    const server = 'http://127.0.0.1:1';
    const plan = (environment: Record<string, string>) => planRun({ store: 's3://bucket' }, environment)?.servesNx;
    expect(plan({})).toBe(true);
    expect(plan({ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: '' })).toBe(true);
    expect(plan({ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: server })).toBe(false);
    expect(plan({ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: server, PINPACK_STORE_SERVER: server })).toBe(true);
  });

  test.each([
    [undefined, 60_000],
    [5, 5_000],
    [0, 0],
    [-1, 60_000],
    [Number.NaN, 60_000],
    [10_000, 540_000],
  ])('uploads are waited for %s s', (uploadDeadline, expected) => {
    const options = { store: 's3://bucket', ...(uploadDeadline !== undefined && { uploadDeadline }) };
    expect(planRun(options, {})?.deadline).toBe(expected);
  });
});

describe('clientEnvironment', () => {
  test("names the server, and marks it as the plugin's", () => {
    expect(clientEnvironment('http://127.0.0.1:1', 't', {})).toEqual({
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://127.0.0.1:1',
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 't',
      PINPACK_STORE_SERVER: 'http://127.0.0.1:1',
    });
  });

  test.each([
    [{ HTTP_PROXY: 'http://proxy' }, '127.0.0.1'],
    [{ http_proxy: 'http://proxy', NO_PROXY: '' }, '127.0.0.1'],
    [{ all_proxy: 'http://proxy', no_proxy: 'localhost, 127.0.0.1' }, 'localhost,127.0.0.1'],
    [{ HTTP_PROXY: 'http://proxy', NO_PROXY: '.corp', no_proxy: 'a,.corp' }, '.corp,a,127.0.0.1'],
  ])('no proxy is asked for it: %j', (environment, expected) => {
    const { NO_PROXY, no_proxy } = clientEnvironment('http://127.0.0.1:1', 't', environment);
    expect([NO_PROXY, no_proxy]).toEqual([expected, expected]);
  });
});
