// Resolves the settings of publishing from nx.json and the environment. Pure. They contain no secrets, only the names of keys.
import { PinpackError } from '../pinpack-error.js';
import type { PluginOptions, PublishOptions } from './plugin-options.js';

export interface SignSettings {
  /** Fingerprint or user id; undefined means the only key of the key file. */
  key: string | undefined;
  /** The file of an armored secret key, which is imported for one run only. */
  keyFile: string | undefined;
  passphraseFile: string | undefined;
}

export interface PublishSettings {
  /** A publication's URL; undefined if not configured. */
  to: string | undefined;
  /** Without a trailing slash; undefined if not configured and not derivable. */
  url: string | undefined;
  keep: number;
  deltas: number;
  /** Number of earlier publications against which patches are made; 0: none. */
  patches: number;
  /** MiB of a publication's patches. */
  patchBudget: number;
  /** Applies to patches too. */
  deltaShare: number;
  /** How long the statement of the latest publication is good. */
  validDays: number;
  /** Whether the RPMs are packed again and compared before they are published. */
  reproduce: boolean;
  /** URI of the builder in the provenance. */
  builder: string;
  /** undefined if nothing is signed. */
  sign: SignSettings | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULTS = { keep: 5, deltas: 3, patches: 0, patchBudget: 4096, deltaShare: 0.8, validDays: 30 };
const UNKNOWN_BUILDER = 'urn:pinpack:builder:unspecified';

/** @throws PinpackError `PINPACK_PUBLISH_INVALID` */
export function readPublishSettings(options: PluginOptions, environment: Environment): PublishSettings {
  const publish = options.publish ?? {};
  const to =
    set(environment.PINPACK_PUBLISH) ?? publish.to ?? belowStore(set(environment.PINPACK_STORE) ?? options.store);
  const url =
    set(environment.PINPACK_PUBLISH_URL) ?? publish.url ?? (to === undefined ? undefined : ownUrl(to, environment));
  const urlProblem = url === undefined ? undefined : problemOfUrl(url);
  if (urlProblem !== undefined) {
    const lines = [urlProblem, 'See docs/publishing.md, "Settings".'];
    throw new PinpackError('PINPACK_PUBLISH_INVALID', 'the URL of the publication', lines);
  }
  return {
    ...DEFAULTS,
    ...numbersOf(publish),
    to,
    url: url?.replace(/\/+$/, ''),
    reproduce: publish.reproduce ?? false,
    builder: set(environment.PINPACK_BUILDER) ?? publish.builder ?? UNKNOWN_BUILDER,
    sign: signSettings(publish, environment),
  };
}

function numbersOf({
  keep,
  deltas,
  patches,
  patchBudget,
  deltaShare,
  validDays,
}: PublishOptions): Partial<typeof DEFAULTS> {
  return {
    ...(keep !== undefined && { keep }),
    ...(deltas !== undefined && { deltas }),
    ...(patches !== undefined && { patches }),
    ...(patchBudget !== undefined && { patchBudget }),
    ...(deltaShare !== undefined && { deltaShare }),
    ...(validDays !== undefined && { validDays }),
  };
}

function signSettings({ sign }: PublishOptions, environment: Environment): SignSettings | undefined {
  const key = set(environment.PINPACK_SIGN_KEY) ?? sign?.key;
  const keyFile = set(environment.PINPACK_SIGN_KEY_FILE);
  if (key === undefined && keyFile === undefined) return undefined;
  return { key, keyFile, passphraseFile: set(environment.PINPACK_SIGN_PASSPHRASE_FILE) };
}

/** Beside the store's own objects, which are below `v1/`. */
function belowStore(store: string | undefined): string | undefined {
  if (store === undefined || !URL.canParse(store)) return undefined;
  const url = new URL(store);
  if (url.protocol !== 's3:' && url.protocol !== 'file:') return undefined;
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/publish`;
  return url.href;
}

/** The URL for reading a bucket or folder, if it can be derived from its own URL. */
function ownUrl(to: string, environment: Environment): string | undefined {
  if (!URL.canParse(to)) return undefined;
  const { protocol, host: bucket, pathname, searchParams } = new URL(to);
  if (protocol === 'file:') return `file://${pathname}`;
  if (protocol !== 's3:') return undefined;
  const endpoint =
    searchParams.get('endpoint') ?? set(environment.AWS_ENDPOINT_URL_S3) ?? set(environment.AWS_ENDPOINT_URL);
  const region = searchParams.get('region') ?? set(environment.AWS_REGION) ?? set(environment.AWS_DEFAULT_REGION);
  if (endpoint === undefined) return region && `https://${bucket}.s3.${region}.amazonaws.com${pathname}`;
  if (searchParams.get('pathStyle') !== 'true' || !URL.canParse(endpoint)) return undefined;
  return `${endpoint.replace(/\/+$/, '')}/${bucket}${pathname}`;
}

function problemOfUrl(text: string): string | undefined {
  const isKnown = URL.canParse(text) && /^(?:https?|file):$/.test(new URL(text).protocol);
  if (!isKnown) return `found "${text}", expected a URL with https, http or file`;
  const { username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') return 'it contains credentials, which would be published';
  return search === '' && hash === ''
    ? undefined
    : `found "${search}${hash}" at its end, expected no query and no fragment`;
}

function set(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
