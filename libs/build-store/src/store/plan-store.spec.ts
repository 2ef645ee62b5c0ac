import { describe, expect, it } from 'vitest';
import { branchNamespace } from '../names/object-keys.js';
import { planNamespace, planStore } from './plan-store.js';

const HOME = '/home/a';

describe('planStore', () => {
  it("is the user's own folder where nothing is set", () => {
    expect(planStore(undefined, undefined, { HOME })).toEqual({
      location: undefined,
      mode: 'read-write',
      namespace: 'main',
      localFolder: '/home/a/.cache/pinpack/store',
      keyFile: '/home/a/.local/state/pinpack/store.key',
    });
    expect(planStore('', undefined, { HOME, XDG_STATE_HOME: '/state' }).keyFile).toBe('/state/pinpack/store.key');
    expect(planStore('', undefined, { HOME, XDG_CACHE_HOME: '/cache' }).localFolder).toBe('/cache/pinpack/store');
  });

  it('takes the URL of the environment before the option', () => {
    const { location } = planStore('s3://bucket', undefined, { HOME, PINPACK_STORE: 'file:///srv' });
    expect(location).toEqual({ kind: 'folder', folder: '/srv' });
  });

  it.each([
    [undefined, {}, undefined, 'read-write'],
    ['file:///srv', {}, undefined, 'read-write'],
    ['s3://bucket', {}, undefined, 'read'],
    ['https://a.example', {}, undefined, 'read'],
    ['s3://bucket', { CI: 'true' }, undefined, 'read-write'],
    ['s3://bucket', { CI: '1' }, undefined, 'read-write'],
    ['s3://bucket', { CI: 'false' }, undefined, 'read'],
    ['s3://bucket', { CI: 'true', PINPACK_STORE_MODE: 'read' }, undefined, 'read'],
    ['s3://bucket', { PINPACK_STORE_MODE: 'read-write' }, 'off', 'read-write'],
    ['s3://bucket', {}, 'off', 'off'],
  ] as const)('%s with %j and the option %s: %s', (url, environment, option, mode) => {
    expect(planStore(url, option, { HOME, ...environment }).mode).toBe(mode);
  });

  it('refuses another mode', () => {
    expect(() => planStore(undefined, undefined, { HOME, PINPACK_STORE_MODE: 'rw' })).toThrow(
      'PINPACK_STORE_MODE: "rw", expected one of off, read, read-write',
    );
  });
});

describe('planNamespace', () => {
  const pull = { CI: 'true', GITHUB_REPOSITORY: 'a/b', GITHUB_HEAD_REF: 'patch-1' };
  it.each([
    [{}, undefined],
    [{ CI: 'true', GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' }, undefined],
    [{ PINPACK_STORE_BRANCH: 'feature/x' }, 'feature/x'],
    [{ ...pull, GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' }, 'a/b#7'],
    [{ ...pull, GITHUB_EVENT_NAME: 'pull_request', PINPACK_STORE_BRANCH: 'x' }, 'x'],
    [
      { ...pull, GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_REF: 'refs/heads/main', GITHUB_RUN_ID: '99' },
      'a/b#patch-1 run 99',
    ],
    [
      { CI: 'true', CI_MERGE_REQUEST_IID: '7', CI_PROJECT_PATH: 'g/fork', CI_MERGE_REQUEST_PROJECT_PATH: 'g/p' },
      'g/p!7',
    ],
    [{ CI: 'true', CI_MERGE_REQUEST_IID: '7', CI_PROJECT_PATH: 'g/p' }, 'g/p!7'],
  ])('of %j is that of %s', (environment, branch) => {
    expect(planNamespace(environment)).toBe(branch === undefined ? 'main' : branchNamespace(branch));
  });
});
