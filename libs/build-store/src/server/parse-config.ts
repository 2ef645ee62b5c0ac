// The configuration's text in, values out, and every problem at once. Pure.
import { isIP } from 'node:net';
import { StoreError } from '../store-error.js';
import { OWNER_CLAIMS, placeholdersOf, type ClaimRule } from './claim-rules.js';
import {
  DAY,
  isLoopback,
  LIMITS,
  LOG_LEVELS,
  type IssuerEntry,
  type Limits,
  type ServerConfig,
  type TokenEntry,
} from './config.js';
import { Fields } from './fields.js';

const KNOWN = [
  '$schema',
  'store',
  'listen',
  'tls',
  'trustedProxies',
  'tokens',
  'oidc',
  'sessionSeconds',
  'sessionSecretFile',
  'signingKeyFile',
  'publicKeys',
  'spool',
  'metrics',
  'logLevel',
  'limits',
];
const ANY = /./s;
const ADDRESS = /^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/;
const ISSUER = /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$))[^\s?#]*$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/**
 * @param text - of the file
 * @param file - its name, for messages
 * @throws StoreError `STORE_CONFIG_INVALID` with every problem
 */
export function parseServerConfig(text: string, file: string): ServerConfig {
  const fields = Fields.of(parseJson(text, file), KNOWN);
  const config: ServerConfig = {
    store: fields.text('store', ANY, 'the URL of a store, such as file:///var/lib/pinpack-store'),
    listen: listenOf(fields.fields('listen', ['host', 'port'])),
    tls: fields.has('tls') ? tlsOf(fields.fields('tls', ['certificate', 'key'])) : undefined,
    trustedProxies: fields.texts('trustedProxies', ADDRESS, 'addresses or networks such as 10.0.0.0/8'),
    tokens: fields.list('tokens', ['name', 'sha256', 'scope', 'branch', 'expires']).map(tokenOf),
    issuers: fields.list('oidc', ['issuer', 'audience', 'rules']).map(issuerOf),
    sessionSeconds: fields.integer('sessionSeconds', 60, DAY, 6 * 3600),
    sessionSecretFile: fields.optionalText('sessionSecretFile', ANY, 'the path of a file'),
    signingKeyFile: fields.optionalText('signingKeyFile', ANY, 'the path of a PEM file'),
    publicKeys: fields.texts('publicKeys', ANY, 'public keys, as "pinpack-store keygen" prints them'),
    spool: fields.optionalText('spool', ANY, 'the path of a folder'),
    metrics: fields.choice('metrics', ['open', 'token'], 'token') ?? 'token',
    logLevel: fields.choice('logLevel', LOG_LEVELS, 'info') ?? 'info',
    limits: limitsOf(fields.fields('limits', Object.keys(LIMITS))),
  };
  const problems = [...fields.problems, ...problemsOfWhole(config)];
  if (problems.length > 0) throw new StoreError('STORE_CONFIG_INVALID', file, problems.join('\n  '));
  return config;
}

function listenOf(fields: Fields): ServerConfig['listen'] {
  return {
    host: fields.optionalText('host', /^[0-9A-Za-z.:-]+$/, 'an address or a host name') ?? '127.0.0.1',
    port: fields.integer('port', 0, 65_535, 7878),
  };
}

function tlsOf(fields: Fields): ServerConfig['tls'] {
  return {
    certificate: fields.text('certificate', ANY, 'the path of a PEM file'),
    key: fields.text('key', ANY, 'the path of a PEM file'),
  };
}

function tokenOf(fields: Fields): TokenEntry {
  const expires = fields.optionalText('expires', TIME, 'a time such as 2030-01-31T00:00:00Z');
  const branch = fields.optionalText('branch', ANY, 'the name of a branch');
  const kind = fields.choice('scope', ['read', 'write', 'branch', 'maintain']) ?? 'read';
  if ((kind === 'branch') !== fields.has('branch'))
    fields.problem('branch', 'the branch for scope branch, and none for others');
  return {
    name: fields.text('name', /^[0-9A-Za-z._-]{1,64}$/, 'a name of letters, digits, ".", "_" or "-"'),
    sha256: fields.text(
      'sha256',
      /^[0-9a-f]{64}$/,
      'the sha256 of the token in hex, as "pinpack-store keygen token" prints it',
    ),
    scope: kind === 'branch' ? { kind, branch: branch ?? '' } : { kind },
    expires: expires === undefined ? undefined : Date.parse(expires),
  };
}

function issuerOf(fields: Fields): IssuerEntry {
  return {
    issuer: fields.text('issuer', ISSUER, 'an https URL'),
    audience: fields.text('audience', ANY, 'the audience that tokens are asked for'),
    rules: fields.list('rules', ['claims', 'scope', 'branch']).map(ruleOf),
  };
}

function ruleOf(fields: Fields): ClaimRule {
  const expected = 'claims by name, each with a text or a list of texts';
  const claims = fields.textsByName('claims', expected);
  if (!OWNER_CLAIMS.some((name) => namesOwner(claims[name] ?? []))) {
    fields.problem(
      'claims',
      `one that says whose token it is, without "*" before its first "/": ${OWNER_CLAIMS.join(', ')}`,
    );
  }
  const scope = fields.choice('scope', ['read', 'write', 'branch']) ?? 'read';
  const branch = fields.optionalText('branch', ANY, 'a name with claims, such as {repository}#{ref}');
  if (scope === 'branch' ? placeholdersOf(branch ?? '').length === 0 : fields.has('branch')) {
    fields.problem('branch', 'a name with claims such as {repository}#{ref} for scope branch, and none for others');
  }
  return { claims, scope, branch };
}

function namesOwner(patterns: string[]): boolean {
  return patterns.length > 0 && patterns.every((pattern) => /^[^*/]+(?:\/|$)/.test(pattern));
}

function limitsOf(fields: Fields): Limits {
  const read = (name: keyof Limits) => fields.integer(name, ...LIMITS[name]);
  return {
    objectBytes: read('objectBytes'),
    requests: read('requests'),
    requestsPerMinute: read('requestsPerMinute'),
    headerSeconds: read('headerSeconds'),
    idleSeconds: read('idleSeconds'),
    requestSeconds: read('requestSeconds'),
    backendSeconds: read('backendSeconds'),
    shutdownSeconds: read('shutdownSeconds'),
  };
}

function problemsOfWhole({ listen, tls, trustedProxies, tokens, issuers }: ServerConfig): string[] {
  const problems = [
    ...repeated(tokens.map(({ name }) => name)).map(
      (name) => `"tokens" has ${name} twice, expected one name for one token`,
    ),
    ...repeated(tokens.map(({ sha256 }) => sha256)).map((digest) => `"tokens" has the digest ${digest} twice`),
    ...repeated(issuers.map(({ issuer }) => issuer)).map(
      (issuer) => `"oidc" has ${issuer} twice, expected its rules in one list`,
    ),
  ];
  if (tokens.length + issuers.length === 0)
    problems.push('neither "tokens" nor "oidc" lets anybody in, expected one of them');
  problems.push(
    ...trustedProxies
      .filter((network) => !isNetwork(network))
      .map((network) => `"trustedProxies" has ${network}, expected an address or a network such as 10.0.0.0/8`),
  );
  if (!isLoopback(listen.host) && tls === undefined && trustedProxies.length === 0) {
    problems.push(
      `"listen.host" is ${listen.host} without "tls", so tokens would travel readable, expected "tls", or "trustedProxies" that do TLS`,
    );
  }
  return problems;
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '0'] = text.split('/');
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 6 ? 128 : 32);
}

function repeated(texts: string[]): string[] {
  return [...new Set(texts.filter((text, index) => text !== '' && texts.indexOf(text) !== index))];
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StoreError('STORE_CONFIG_INVALID', file, cause instanceof Error ? cause.message : 'not JSON', { cause });
  }
}
