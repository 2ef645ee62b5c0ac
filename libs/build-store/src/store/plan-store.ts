// What the options and the environment say about the store: pure, so that every rule is seen in one place.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseStoreUrl, type StoreLocation } from '../names/store-url.js';
import { branchNamespace, type Namespace } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';

export type StoreMode = 'off' | 'read' | 'read-write';
export type Environment = Readonly<Record<string, string | undefined>>;

export interface StorePlan {
  /** undefined: the local folder alone. */
  location: StoreLocation | undefined;
  mode: StoreMode;
  namespace: Namespace;
  /** The user's own: absolute. */
  localFolder: string;
}

const MODES: readonly StoreMode[] = ['off', 'read', 'read-write'];

/**
 * @param url - of the plugin's option; `PINPACK_STORE` goes before it
 * @param mode - `PINPACK_STORE_MODE` goes before it
 * @throws StoreError `STORE_LOCATION_INVALID`
 */
export function planStore(url: string | undefined, mode: StoreMode | undefined, environment: Environment): StorePlan {
  const chosen = set(environment.PINPACK_STORE) ?? set(url);
  const location = chosen === undefined ? undefined : parseStoreUrl(chosen);
  return {
    location,
    mode: parseMode(set(environment.PINPACK_STORE_MODE)) ?? mode ?? defaultMode(location, environment),
    namespace: planNamespace(environment),
    localFolder: join(
      set(environment.XDG_CACHE_HOME) ?? join(environment.HOME ?? homedir(), '.cache'),
      'pinpack',
      'store',
    ),
  };
}

/** `main`, or a branch's own: of `PINPACK_STORE_BRANCH`, or of the pull or merge request that a CI says it's at. */
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

/** Of `pull_request_target` no variable has the number, and two forks may have branches of one name: then each run is by itself. */
function gitHubNumber({ GITHUB_REF = '', GITHUB_HEAD_REF = '', GITHUB_RUN_ID = '' }: Environment): string {
  const number = /^refs\/pull\/(\d+)\//.exec(GITHUB_REF)?.[1];
  return number ?? `${GITHUB_HEAD_REF} run ${GITHUB_RUN_ID}`;
}

function set(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
