// What nx.json and the environment say about publishing. Pure, so that every rule is seen in one place. No secret is in it: keys are named.
import { PinpackError } from '../pinpack-error.js';
import type { PluginOptions, PublishOptions } from './plugin-options.js';

export interface SignSettings {
  /** Fingerprint or user id; undefined: the only one of the key file. */
  key: string | undefined;
  /** An armored secret key, imported for the run alone. */
  keyFile: string | undefined;
  passphraseFile: string | undefined;
}

export interface PublishSettings {
  /** A publication's URL; undefined where nothing is configured. */
  to: string | undefined;
  /** Without a slash at its end; undefined where it must be configured. */
  url: string | undefined;
  keep: number;
  deltas: number;
  deltaShare: number;
  /** undefined: nothing is signed. */
  sign: SignSettings | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULTS = { keep: 5, deltas: 3, deltaShare: 0.8 };
const KNOWN = ['to', 'url', 'keep', 'deltas', 'deltaShare', 'sign'];

/** @throws PinpackError `PINPACK_PUBLISH_INVALID`, with every problem of the options */
export function readPublishSettings(options: PluginOptions, environment: Environment): PublishSettings {
  const publish = options.publish ?? {};
  const problems = [...problemsOf(publish)];
  if (problems.length > 0) throw invalid('publish in nx.json', problems);
  const to =
    set(environment.PINPACK_PUBLISH) ?? publish.to ?? belowStore(set(environment.PINPACK_STORE) ?? options.store);
  const url =
    set(environment.PINPACK_PUBLISH_URL) ?? publish.url ?? (to === undefined ? undefined : ownUrl(to, environment));
  const urlProblem = url === undefined ? undefined : problemOfUrl(url);
  if (urlProblem !== undefined) throw invalid('the URL of what is published', [urlProblem]);
  return {
    ...DEFAULTS,
    ...numbersOf(publish),
    to,
    url: url?.replace(/\/+$/, ''),
    sign: signSettings(publish, environment),
  };
}

function numbersOf({ keep, deltas, deltaShare }: PublishOptions): Partial<typeof DEFAULTS> {
  return {
    ...(keep !== undefined && { keep }),
    ...(deltas !== undefined && { deltas }),
    ...(deltaShare !== undefined && { deltaShare }),
  };
}

function signSettings({ sign }: PublishOptions, environment: Environment): SignSettings | undefined {
  const key = set(environment.PINPACK_SIGN_KEY) ?? sign?.key;
  const keyFile = set(environment.PINPACK_SIGN_KEY_FILE);
  if (key === undefined && keyFile === undefined) return undefined;
  return { key, keyFile, passphraseFile: set(environment.PINPACK_SIGN_PASSPHRASE_FILE) };
}

function* problemsOf(publish: PublishOptions): Generator<string> {
  if (typeof publish !== 'object') {
    yield `it is "${String(publish)}", expected an object`;
    return;
  }
  for (const name of Object.keys(publish)) {
    if (!KNOWN.includes(name)) yield `no such option: ${name}, expected one of ${KNOWN.join(', ')}`;
  }
  const { to, url, keep, deltas, deltaShare, sign } = publish as Record<string, unknown>;
  for (const [name, value] of Object.entries({ to, url })) {
    if (value !== undefined && typeof value !== 'string') yield `${name} is ${JSON.stringify(value)}, expected a URL`;
  }
  yield* countProblem('keep', keep, 1);
  yield* countProblem('deltas', deltas, 0);
  if (deltaShare !== undefined && !(typeof deltaShare === 'number' && deltaShare > 0 && deltaShare <= 1)) {
    yield `deltaShare is ${JSON.stringify(deltaShare)}, expected a share over 0 and up to 1`;
  }
  if (sign !== undefined && !isSign(sign)) {
    yield `sign is ${JSON.stringify(sign)}, expected { "key": "<fingerprint or user id>" }`;
  }
}

function* countProblem(name: string, value: unknown, least: number): Generator<string> {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= least)) return;
  yield `${name} is ${JSON.stringify(value)}, expected a whole number from ${least} on`;
}

function isSign(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([name, text]) => name === 'key' && typeof text === 'string' && text !== '');
}

/** Beside the store's own objects, which begin with `v1/`. */
function belowStore(store: string | undefined): string | undefined {
  if (store === undefined || !URL.canParse(store)) return undefined;
  const url = new URL(store);
  if (url.protocol !== 's3:' && url.protocol !== 'file:') return undefined;
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/publish`;
  return url.href;
}

/** The URL at which a bucket or folder can be read, where it follows from its own. */
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
  if (!isKnown) return `it is "${text}", expected a URL with https, http or file`;
  const { username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') return 'credentials are in it, which would be published';
  return search === '' && hash === '' ? undefined : `"${search}${hash}" has no meaning here`;
}

function invalid(subject: string, problems: string[]): PinpackError {
  return new PinpackError('PINPACK_PUBLISH_INVALID', subject, [...problems, 'See docs/publishing.md, "Settings".']);
}

function set(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
