// Selects location, mode and namespace of the store from options and environment. Pure.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseStoreUrl, type StoreLocation } from '../names/store-url.js';
import { branchNamespace, type Namespace } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';

export type StoreMode = 'off' | 'read' | 'read-write';
export type Environment = Readonly<Record<string, string | undefined>>;

export interface StorePlan {
  /** undefined for the local folder only. */
  location: StoreLocation | undefined;
  mode: StoreMode;
  namespace: Namespace;
  /** The user's local folder; absolute. */
  localFolder: string;
  /** The key that authenticates entries of the local folder; absolute. Outside of the cache folder, which may be shared or restored. */
  keyFile: string;
}

const MODES: readonly StoreMode[] = ['off', 'read', 'read-write'];

/**
 * @param url - overridden by `PINPACK_STORE`
 * @param mode - overridden by `PINPACK_STORE_MODE`
 * @throws StoreError `STORE_LOCATION_INVALID`
 */
export function planStore(url: string | undefined, mode: StoreMode | undefined, environment: Environment): StorePlan {
  const chosen = set(environment.PINPACK_STORE) ?? set(url);
  const home = environment.HOME ?? homedir();
  const location = chosen === undefined ? undefined : parseStoreUrl(chosen);
  return {
    location,
    mode: parseMode(set(environment.PINPACK_STORE_MODE)) ?? mode ?? defaultMode(location, environment),
    namespace: planNamespace(environment),
    localFolder: join(set(environment.XDG_CACHE_HOME) ?? join(home, '.cache'), 'pinpack/store'),
    keyFile: join(set(environment.XDG_STATE_HOME) ?? join(home, '.local/state'), 'pinpack/store.key'),
  };
}

/** `main`, or the namespace of `PINPACK_STORE_BRANCH` or of the pull or merge request of a CI run. */
export function planNamespace(environment: Environment): Namespace {
  const branch = set(environment.PINPACK_STORE_BRANCH) ?? pullRequestOf(environment);
  return branch === undefined ? 'main' : branchNamespace(branch);
}

export function isInCI({ CI }: Environment): boolean {
  return CI === 'true' || CI === '1';
}

function defaultMode(location: StoreLocation | undefined, environment: Environment): StoreMode {
  const isOwn = location === undefined || location.kind === 'folder';
  return isOwn || isInCI(environment) ? 'read-write' : 'read';
}

function parseMode(text: string | undefined): StoreMode | undefined {
  if (text === undefined) return undefined;
  const mode = MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw new StoreError(
    'STORE_LOCATION_INVALID',
    'PINPACK_STORE_MODE',
    `"${text}", expected one of ${MODES.join(', ')}`,
  );
}

function pullRequestOf(environment: Environment): string | undefined {
  const { GITHUB_EVENT_NAME, GITHUB_REPOSITORY = '', CI_MERGE_REQUEST_IID } = environment;
  if (GITHUB_EVENT_NAME === 'pull_request' || GITHUB_EVENT_NAME === 'pull_request_target') {
    return `${GITHUB_REPOSITORY}#${gitHubNumber(environment)}`;
  }
  if (set(CI_MERGE_REQUEST_IID) === undefined) return undefined;
  return `${environment.CI_MERGE_REQUEST_PROJECT_PATH ?? environment.CI_PROJECT_PATH ?? ''}!${CI_MERGE_REQUEST_IID ?? ''}`;
}

/** For `pull_request_target` no variable contains the number, and forks may have branches of the same name: each run gets its own namespace. */
function gitHubNumber({ GITHUB_REF = '', GITHUB_HEAD_REF = '', GITHUB_RUN_ID = '' }: Environment): string {
  const number = /^refs\/pull\/(\d+)\//.exec(GITHUB_REF)?.[1];
  return number ?? `${GITHUB_HEAD_REF} run ${GITHUB_RUN_ID}`;
}

function set(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
