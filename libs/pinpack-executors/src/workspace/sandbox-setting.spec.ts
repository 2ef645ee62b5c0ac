import { describe, expect, test } from 'vitest';
import { thrown } from '@pinpack/testing';
import { buildPolicyOf, refuseSharedCache } from './sandbox-setting.js';
import { isSandboxOff, storeEnvironment } from './store-environment.js';

describe('the sandbox', () => {
  test.each([
    [{}, {}, 'on'],
    [{ sandbox: 'off' }, {}, 'off'],
    [{ sandbox: 'off' }, { PINPACK_SANDBOX: 'on' }, 'on'],
    [{}, { PINPACK_SANDBOX: 'off' }, 'off'],
    [{ sandbox: 'on' }, { PINPACK_SANDBOX: 'off' }, 'off'],
    [{ sandbox: 'off' }, { PINPACK_SANDBOX: '' }, 'off'],
  ] as const)('with the options %j and the environment %j is %s', (options, environment, expected) => {
    expect(buildPolicyOf(options, environment).sandbox).toBe(expected);
    expect(isSandboxOff(options, environment)).toBe(expected === 'off');
  });

  test('has no other values', () => {
    expect(thrown(() => buildPolicyOf({}, { PINPACK_SANDBOX: '0' }))).toBe(
      'PINPACK_OPTIONS_INVALID PINPACK_SANDBOX: "0", expected on or off',
    );
    // A store that is opened before that error is not written to.
    expect(isSandboxOff({}, { PINPACK_SANDBOX: '0' })).toBe(true);
  });
});

describe('without a sandbox', () => {
  test.each([
    [{ sandbox: 'off' }, {}, 'read'],
    [{ sandbox: 'off' }, { PINPACK_STORE_MODE: 'read-write' }, 'read'],
    [{ sandbox: 'off' }, { PINPACK_STORE_MODE: 'off' }, 'off'],
    [{}, { PINPACK_SANDBOX: 'off', CI: 'true' }, 'read'],
    [{}, { PINPACK_STORE_MODE: 'read-write' }, 'read-write'],
  ] as const)('the store of %j and %j is opened with the mode %s', (options, environment, mode) => {
    expect(storeEnvironment(options, environment).PINPACK_STORE_MODE).toBe(mode);
  });

  test.each([
    [{ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://cache' }, false, 'Unset NX_SELF_HOSTED_REMOTE_CACHE_SERVER'],
    [{ NX_CLOUD_ACCESS_TOKEN: 'token' }, false, 'Set NX_NO_CLOUD=true'],
    [{}, true, 'Set NX_NO_CLOUD=true'],
  ])('a build with %j (Nx Cloud: %j) is refused', (environment, usesNxCloud, remedy) => {
    const message = thrown(() => {
      refuseSharedCache(environment, usesNxCloud);
    });
    expect(message).toContain('PINPACK_UNSANDBOXED_CACHE');
    expect(message).toContain(remedy);
  });

  test("the run's own server, which is then read-only, and a disabled cloud are no reason to refuse", () => {
    const own = { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://own', PINPACK_STORE_SERVER: 'http://own' };
    refuseSharedCache(own, false);
    refuseSharedCache({ NX_NO_CLOUD: 'true' }, true);
  });
});
