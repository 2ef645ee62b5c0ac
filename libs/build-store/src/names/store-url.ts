// Parses the URL of a store: `file:///path`, `s3://bucket/prefix?region=…`, or `https://host/base` of a pinpack-store server. It contains no secrets.
import { StoreError } from '../store-error.js';

export interface FolderLocation {
  kind: 'folder';
  /** Absolute. */
  folder: string;
}

export interface S3Location {
  kind: 's3';
  bucket: string;
  /** Without leading and trailing slashes; empty for the whole bucket. */
  prefix: string;
  region?: string;
  /** HTTP(S) URL of an S3-compatible server other than Amazon's. */
  endpoint?: string;
  /** Puts the bucket into the path instead of the host name, as most servers other than Amazon's require. */
  pathStyle: boolean;
  /** Server-side encryption: `AES256`, `aws:kms`, `aws:kms:dsse`. */
  sse?: string;
  kmsKeyId?: string;
  /** Profile in the user's AWS configuration. */
  profile?: string;
}

export interface HttpLocation {
  kind: 'http';
  /** Without a trailing slash. */
  url: string;
}

export type StoreLocation = FolderLocation | S3Location | HttpLocation;

const NEXT_STEP = 'Set the option "store" in nx.json or PINPACK_STORE.';
const S3_OPTIONS = ['region', 'endpoint', 'pathStyle', 'sse', 'kmsKeyId', 'profile'] as const;
const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'];
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * @param nextStep - last line of the error message
 * @throws StoreError `STORE_LOCATION_INVALID`, with every issue of the URL, without credentials
 */
export function parseStoreUrl(text: string, nextStep = NEXT_STEP): StoreLocation {
  try {
    return parseUrl(text);
  } catch (error) {
    if (!(error instanceof LocationProblem)) throw error;
    const { subject, problems, cause } = error;
    const message = `${problems.join('\n  ')}\n  ${nextStep}`;
    throw new StoreError('STORE_LOCATION_INVALID', subject === '' ? '(empty)' : subject, message, { cause });
  }
}

function parseUrl(text: string): StoreLocation {
  if (!URL.canParse(text)) throw invalid(withoutCredentials(text), ['not a URL']);
  const url = new URL(text);
  const subject = withoutCredentials(text);
  if (url.username !== '' || url.password !== '') {
    throw invalid(subject, [
      'it contains credentials, which nx.json and logs would expose. Set them in the environment',
    ]);
  }
  if (url.protocol === 'file:') return folderLocation(url, subject);
  if (url.protocol === 's3:') return s3Location(url, subject);
  if (url.protocol === 'https:' || url.protocol === 'http:') return httpLocation(url, subject);
  throw invalid(subject, [
    'it is not a supported store, expected file:///path, s3://bucket/prefix or https://host/base',
  ]);
}

/** For messages: `s3://bucket/prefix`, without options and secrets. */
export function describeLocation(location: StoreLocation): string {
  switch (location.kind) {
    case 'folder':
      return location.folder;
    case 's3':
      return `s3://${[location.bucket, location.prefix].filter((part) => part !== '').join('/')}`;
    case 'http':
      return location.url;
  }
}

/** Identifies the store of a location. Includes the endpoint: buckets of different servers may have the same name. */
export function identityOfLocation(location: StoreLocation): string {
  const endpoint = location.kind === 's3' ? (location.endpoint ?? '') : '';
  return [location.kind, endpoint, describeLocation(location)].join(' ');
}

function folderLocation(url: URL, subject: string): FolderLocation {
  const folder = decode(url.pathname, subject);
  const problems = [...unknownParts(url)];
  if (url.hostname !== '') problems.push('it names another host, expected file:///path with three slashes');
  if (folder.includes('\0')) problems.push('a NUL is in the path');
  if (problems.length > 0) throw invalid(subject, problems);
  return { kind: 'folder', folder: folder.replace(/(?<=.)\/+$/, '') };
}

function s3Location(url: URL, subject: string): S3Location {
  const problems = [...unknownParts(url, S3_OPTIONS)];
  const option = (name: (typeof S3_OPTIONS)[number]): string | undefined => url.searchParams.get(name) ?? undefined;
  if (!BUCKET.test(url.host)) problems.push(`"${url.host}" is not a valid bucket name`);
  const prefix = decode(url.pathname, subject).replace(/^\/+|\/+$/g, '');
  if (prefix.split('/').some((part) => part === '.' || part === '..' || (part === '' && prefix !== ''))) {
    problems.push(`the prefix "${prefix}" has empty parts, "." or ".."`);
  }
  problems.push(...endpointProblems(option('endpoint')));
  const sse = option('sse');
  if (sse !== undefined && !ENCRYPTIONS.includes(sse)) {
    problems.push(`sse is "${sse}", expected one of ${ENCRYPTIONS.join(', ')}`);
  }
  if (option('kmsKeyId') !== undefined && !sse?.startsWith('aws:')) {
    problems.push('kmsKeyId is set, and sse is not aws:kms');
  }
  const pathStyle = option('pathStyle') ?? 'false';
  if (pathStyle !== 'true' && pathStyle !== 'false') {
    problems.push(`pathStyle is "${pathStyle}", expected true or false`);
  }
  if (problems.length > 0) throw invalid(subject, problems);
  const texts = (['region', 'endpoint', 'sse', 'kmsKeyId', 'profile'] as const).flatMap((name) => {
    const value = option(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { kind: 's3', bucket: url.host, prefix, pathStyle: pathStyle === 'true', ...Object.fromEntries(texts) };
}

function endpointProblems(endpoint: string | undefined): string[] {
  if (endpoint === undefined) return [];
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    return [`endpoint is "${withoutCredentials(endpoint)}", expected a URL with http or https`];
  }
  const { username, password } = new URL(endpoint);
  return username === '' && password === '' ? [] : ['credentials are in the endpoint'];
}

function httpLocation(url: URL, subject: string): HttpLocation {
  const problems = [...unknownParts(url)];
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    problems.push('http sends the token and the content in the clear, expected https');
  }
  if (problems.length > 0) throw invalid(subject, problems);
  return { kind: 'http', url: `${url.origin}${url.pathname}`.replace(/\/+$/, '') };
}

function* unknownParts(url: URL, options: readonly string[] = []): Generator<string> {
  for (const name of new Set(url.searchParams.keys())) {
    if (!options.includes(name)) {
      yield `no such option: ${name}${options.length > 0 ? `, expected one of ${options.join(', ')}` : ''}`;
    } else if (url.searchParams.getAll(name).length > 1) yield `${name} is given more than once`;
    else if (url.searchParams.get(name) === '') yield `${name} is empty`;
  }
  if (url.hash !== '') yield `"${url.hash}" has no meaning here`;
}

function decode(path: string, subject: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw invalid(subject, ['a "%" in the path is not followed by two hex digits of a UTF-8 text'], cause);
  }
}

/** What is before an @ in the authority may be a password. Options may hold one by mistake: their values are left out too. */
function withoutCredentials(text: string): string {
  return text.replace(/^([^/]*\/\/)[^/?#]*@/, '$1').replace(/[?#].*$/s, '');
}

class LocationProblem extends Error {
  constructor(
    readonly subject: string,
    readonly problems: readonly string[],
    cause?: unknown,
  ) {
    super(subject, { cause });
  }
}

function invalid(subject: string, problems: string[], cause?: unknown): LocationProblem {
  return new LocationProblem(subject, problems, cause);
}
