import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LIMITS } from './config.js';
import { parseServerConfig } from './parse-config.js';

const SHA256 = 'ab'.repeat(32);
const TOKEN = { name: 'ci', sha256: SHA256, scope: 'read' };
const BASE = { store: 'file:///srv/store', tokens: [TOKEN] };
const RULE = { claims: { repository: 'org/app' }, scope: 'write' };
const ISSUER = { issuer: 'https://ci.example', audience: 'store', rules: [RULE] };

const SCHEMA_FILE = new URL('../../schemas/store-server.schema.json', import.meta.url);

interface Schema {
  properties: Record<string, { properties?: Record<string, unknown>; default?: unknown }>;
}
const schema = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Schema;

/** Validates as editors do. The validator is that of eslint, which is here anyway. */
function acceptsBySchema(value: unknown): boolean {
  const ajv = createRequire(createRequire(import.meta.url).resolve('eslint'))('ajv') as new (options: object) => {
    validate(schema: object, value: unknown): boolean;
  };
  return new ajv({ schemaId: 'auto' }).validate(schema, value);
}

function parse(value: unknown) {
  return parseServerConfig(JSON.stringify(value), 'config.json');
}

function refusalOf(value: unknown): string {
  try {
    parse(value);
  } catch (error) {
    expect(error).toMatchObject({ name: 'StoreError', code: 'STORE_CONFIG_INVALID', subject: 'config.json' });
    return (error as Error).message;
  }
  return 'accepted';
}

const GOOD: [string, object][] = [
  ['the least', BASE],
  ['issuers and no tokens', { store: 's3://bucket', oidc: [ISSUER] }],
  ['a branch', { ...BASE, tokens: [{ ...TOKEN, scope: 'branch', branch: 'feature/x' }] }],
  ['an end', { ...BASE, tokens: [{ ...TOKEN, expires: '2030-01-31T00:00:00Z' }] }],
  ['TLS on all addresses', { ...BASE, listen: { host: '0.0.0.0', port: 443 }, tls: { certificate: 'a', key: 'b' } }],
  ['a proxy', { ...BASE, listen: { host: '::' }, trustedProxies: ['10.0.0.0/8', '::1'] }],
  ['one proxy as a text', { ...BASE, trustedProxies: '10.0.0.1' }],
  ['a rule for branches', { ...BASE, oidc: [{ ...ISSUER, rules: [{ ...RULE, scope: 'branch', branch: '{ref*}' }] }] }],
  ['limits', { ...BASE, limits: { objectBytes: 1, shutdownSeconds: 0 } }],
];

/** What both parser and schema refuse, and what the parser says of it. */
const BAD: [string, unknown, string][] = [
  ['no object', [], 'the whole is [], expected an object'],
  ['no store', { tokens: [TOKEN] }, '"store" is missing, expected the URL'],
  ['an unknown setting', { ...BASE, stroe: 1 }, '"stroe" is no setting, expected $schema, store'],
  ['a token itself', { ...BASE, tokens: [{ ...TOKEN, token: 'x' }] }, '"tokens[0].token" is no setting'],
  [
    'a short digest',
    { ...BASE, tokens: [{ ...TOKEN, sha256: 'ab' }] },
    '"tokens[0].sha256" is "ab", expected the sha256',
  ],
  [
    'an unknown scope',
    { ...BASE, tokens: [{ ...TOKEN, scope: 'admin' }] },
    '"tokens[0].scope" is "admin", expected read, write',
  ],
  ['a scope without its branch', { ...BASE, tokens: [{ ...TOKEN, scope: 'branch' }] }, '"tokens[0].branch" is missing'],
  ['a branch without its scope', { ...BASE, tokens: [{ ...TOKEN, branch: 'x' }] }, '"tokens[0].branch" is "x"'],
  [
    'a time without a zone',
    { ...BASE, tokens: [{ ...TOKEN, expires: '2030-01-31' }] },
    '"tokens[0].expires" is "2030-01-31"',
  ],
  ['an issuer by http', { ...BASE, oidc: [{ ...ISSUER, issuer: 'http://ci.example' }] }, '"oidc[0].issuer" is'],
  [
    'an issuer that begins as loopback does',
    { ...BASE, oidc: [{ ...ISSUER, issuer: 'http://127.0.0.1.ci.example' }] },
    '"oidc[0].issuer" is',
  ],
  ['no audience', { ...BASE, oidc: [{ issuer: 'https://ci.example' }] }, '"oidc[0].audience" is missing'],
  [
    'a rule that lets CI maintain',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ ...RULE, scope: 'maintain' }] }] },
    '"oidc[0].rules[0].scope" is',
  ],
  [
    'a fixed branch for all',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ ...RULE, scope: 'branch', branch: 'x' }] }] },
    '"oidc[0].rules[0].branch" is "x"',
  ],
  ['a port', { ...BASE, listen: { port: 65_536 } }, '"listen.port" is 65536, expected a whole number from 0 to 65535'],
  ['half of TLS', { ...BASE, tls: { key: 'x' } }, '"tls.certificate" is missing'],
  ['a limit of none', { ...BASE, limits: { requests: 0 } }, '"limits.requests" is 0'],
  ['a proxy by name', { ...BASE, trustedProxies: ['proxy.example'] }, '"trustedProxies" is ["proxy.example"]'],
];

/** What only the parser can see. */
const BAD_AS_A_WHOLE: [string, unknown, string][] = [
  ['nobody is let in', { store: 'file:///srv' }, 'neither "tokens" nor "oidc" lets anybody in'],
  ['readable tokens', { ...BASE, listen: { host: '0.0.0.0' } }, 'so tokens would travel readable'],
  ['a name twice', { ...BASE, tokens: [TOKEN, { ...TOKEN, sha256: 'cd'.repeat(32) }] }, '"tokens" has ci twice'],
  [
    'a token twice',
    { ...BASE, tokens: [TOKEN, { ...TOKEN, name: 'b', scope: 'write' }] },
    `the digest ${SHA256} twice`,
  ],
  ['an issuer twice', { ...BASE, oidc: [ISSUER, ISSUER] }, '"oidc" has https://ci.example twice'],
  [
    'a rule for strangers',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ claims: { ref: 'main' }, scope: 'read' }] }] },
    'whose token it is',
  ],
  [
    'a rule for all owners',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ claims: { repository: '*/*' }, scope: 'read' }] }] },
    'whose token it is',
  ],
  [
    'a rule for one owner or all',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ claims: { sub: ['repo:org/app:*', '*'] }, scope: 'read' }] }] },
    'whose token it is',
  ],
  ['a proxy network of nothing', { ...BASE, trustedProxies: ['10.0.0.0/99'] }, '"trustedProxies"'],
];

describe('parseServerConfig', () => {
  test.each(GOOD)('accepts %s, as the schema does', (_, value) => {
    expect(refusalOf(value)).toBe('accepted');
    expect(acceptsBySchema(value)).toBe(true);
  });

  test.each(BAD)('refuses %s, as the schema does', (_, value, message) => {
    expect(refusalOf(value)).toContain(message);
    expect(acceptsBySchema(value)).toBe(false);
  });

  test.each(BAD_AS_A_WHOLE)('refuses %s', (_, value, message) => {
    expect(refusalOf(value)).toContain(message);
  });

  test('tells every problem at once', () => {
    const message = refusalOf({ store: 1, tokens: [{}], limits: { requests: 'x' }, metrics: 'closed' });
    for (const name of [
      'store',
      'tokens[0].name',
      'tokens[0].sha256',
      'tokens[0].scope',
      'limits.requests',
      'metrics',
    ]) {
      expect(message).toContain(`"${name}"`);
    }
  });

  test('tells what is no JSON', () => {
    expect(() => parseServerConfig('{', 'config.json')).toThrow(/^config\.json: /);
  });

  test('has the defaults of the schema', () => {
    const config = parse(BASE);
    expect(config).toMatchObject({ listen: { host: '127.0.0.1', port: 7878 }, metrics: 'token', logLevel: 'info' });
    const limits = Object.entries(schema.properties.limits?.properties ?? {});
    const told = limits.map(([name, value]) => {
      const { minimum, maximum, default: byDefault } = value as { minimum: number; maximum: number; default: number };
      return [name, [minimum, maximum, byDefault]];
    });
    expect(Object.fromEntries(told)).toEqual(LIMITS);
    expect(schema.properties.sessionSeconds?.default).toBe(config.sessionSeconds);
    expect(schema.properties.metrics?.default).toBe(config.metrics);
  });
});

test('the configuration that is shipped as an example is one', () => {
  const file = fileURLToPath(new URL('../../../../deploy/pinpack-store.json', import.meta.url));
  const text = readFileSync(file, 'utf8');
  expect(parseServerConfig(text, file).tokens.length).toBeGreaterThan(0);
  expect(acceptsBySchema(JSON.parse(text))).toBe(true);
});
