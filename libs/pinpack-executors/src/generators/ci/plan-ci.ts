// Plans a pipeline: checks the options and derives the values of the templates. Pure.
import { parseStoreUrl } from '@pinpack/build-store';
import { PinpackError } from '../../pinpack-error.js';
import { ACTIONS, NODE, UV } from './actions.js';

export interface CiOptions {
  provider: 'github' | 'gitlab';
  store?: string;
  shards?: number;
  repository?: string;
  branch?: string;
  issuer?: string;
}

/** What the workspace knows: the defaults of the options. */
export interface CiDefaults {
  /** The store of nx.json. */
  store?: string | undefined;
  branch?: string | undefined;
  /** The URL of the remote `origin`. */
  remote?: string | undefined;
  /** Of @pinpack/build-store. */
  version: string;
}

/** How jobs get their rights: roles of AWS, keys of another S3 server, or an identity that a pinpack server knows. */
export type Access = 'aws' | 's3' | 'server';

/** Values of the templates. */
export interface CiPlan {
  provider: 'github' | 'gitlab';
  providerName: string;
  access: Access;
  store: string;
  shards: number;
  repository: string;
  branch: string;
  issuer: string;
  issuerHost: string;
  awsAudience: string;
  /** Who may assume the roles, for `Fn::Sub`. */
  subjects: Record<'writer' | 'pullRequest' | 'publisher', string>;
  /** First part of the names of roles and users. */
  name: string;
  bucket: string;
  /** Prefix of the store in the bucket, with a slash at its end, or empty. */
  root: string;
  region: string;
  endpoint: string;
  /** Of a pinpack server. */
  host: string;
  version: string;
  node: string;
  uv: string;
  actions: typeof ACTIONS;
}

const REPOSITORY = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)+$/;
const BRANCH = /^[A-Za-z0-9._][A-Za-z0-9._/-]*$/;
const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

/** @throws PinpackError `PINPACK_CI_INVALID` with every issue; StoreError `STORE_LOCATION_INVALID` */
export function planCi(options: CiOptions, defaults: CiDefaults): CiPlan {
  const { provider, shards = 4 } = options;
  const remote = parseRemote(defaults.remote ?? '');
  const repository = options.repository ?? remote?.repository ?? '';
  const branch = options.branch ?? defaults.branch ?? 'main';
  const issuer = issuerOf(options, remote?.host);
  const url = options.store ?? defaults.store;
  const location = url === undefined ? undefined : locationOf(url);
  const issues = [
    ...(location === undefined
      ? ['--store is missing, and nx.json has no store: expected s3://bucket/prefix?region=… or https://…']
      : location.issues),
    ...(REPOSITORY.test(repository)
      ? []
      : [`--repository is "${repository}", expected owner/name, as there is no remote "origin" that has it`]),
    ...(BRANCH.test(branch) ? [] : [`--branch is "${branch}", expected the name of a branch`]),
    ...(provider === 'gitlab' && !/^https:\/\/[^/?#]+$/.test(issuer)
      ? [`--issuer is "${issuer}", expected https://host`]
      : []),
  ];
  if (issues.length > 0 || location === undefined) throw new PinpackError('PINPACK_CI_INVALID', 'pinpack:ci', issues);
  return {
    ...{
      provider,
      providerName: provider === 'github' ? 'GitHub' : 'GitLab',
      store: url ?? '',
      shards,
      repository,
      branch,
    },
    ...{ issuer, issuerHost: issuer.replace('https://', '') },
    awsAudience: provider === 'github' ? 'sts.amazonaws.com' : issuer,
    subjects: subjectsOf(provider),
    ...location.values,
    ...{ version: defaults.version, node: NODE, uv: UV, actions: ACTIONS },
  };
}

type LocationValues = Pick<CiPlan, 'access' | 'name' | 'bucket' | 'root' | 'region' | 'endpoint' | 'host'>;

function locationOf(url: string): { values: LocationValues; issues: string[] } {
  const location = parseStoreUrl(url);
  const none = { name: 'pinpack-store', bucket: '', root: '', region: '', endpoint: '', host: '' };
  switch (location.kind) {
    case 'folder':
      return {
        values: { ...none, access: 'aws' },
        issues: [`the store is ${url}: a folder is no store for several machines`],
      };
    case 'http':
      return { values: { ...none, access: 'server', host: new URL(location.url).host }, issues: [] };
    case 's3': {
      const { bucket, prefix, region = '', endpoint = '' } = location;
      const root = prefix === '' ? '' : `${prefix}/`;
      const access = endpoint === '' ? 'aws' : 's3';
      const issues = access === 'aws' && region === '' ? [`the store is ${url}: expected ?region=…`] : [];
      return { values: { ...none, access, bucket, root, region, endpoint }, issues };
    }
  }
}

/** https://docs.github.com/actions/reference/openid-connect-reference, https://docs.gitlab.com/ci/secrets/id_token_authentication/ */
function subjectsOf(provider: CiOptions['provider']): CiPlan['subjects'] {
  if (provider === 'github') {
    return {
      writer: 'repo:${Repository}:ref:refs/heads/${Branch}',
      pullRequest: 'repo:${Repository}:pull_request',
      publisher: 'repo:${Repository}:environment:pinpack-publish',
    };
  }
  const branch = 'project_path:${Repository}:ref_type:branch:ref:';
  return { writer: `${branch}\${Branch}`, pullRequest: `${branch}*`, publisher: `${branch}\${Branch}` };
}

function issuerOf({ provider, issuer }: CiOptions, host: string | undefined): string {
  if (provider === 'github') return GITHUB_ISSUER;
  return issuer ?? `https://${host ?? 'gitlab.com'}`;
}

/** `git@host:owner/name.git`, `https://host/owner/name`, `ssh://git@host:22/owner/name.git` */
export function parseRemote(url: string): { host: string; repository: string } | undefined {
  const [, host, repository] =
    /^(?:\w+:\/\/)?(?:[^@/]*@)?([^:/]+)(?::\d+(?=\/))?[:/]+([^?#]+?)(?:\.git)?\/?$/.exec(url.trim()) ?? [];
  return host === undefined || repository === undefined ? undefined : { host, repository };
}
