import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { jsonSchemaOfConfig } from './config-schema.js';
import { LIMITS } from './config.js';
import { parseServerConfig } from './parse-config.js';

const SHA256 = 'ab'.repeat(32);
const TOKEN = { name: 'ci', sha256: SHA256, scope: 'read' };
const BASE = { store: 'file:///srv/store', tokens: [TOKEN] };
const RULE = { claims: { repository: 'org/app' }, scope: 'write' };
const ISSUER = { issuer: 'https://ci.example', audience: 'store', rules: [RULE] };

const SCHEMA_FILE = new URL('../../schemas/store-server.schema.json', import.meta.url);

const schema = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as object;

/** Validates like an editor, with the JSON Schema validator that eslint depends on. */
function acceptsBySchema(value: unknown): boolean {
  const ajv = createRequire(createRequire(import.meta.url).resolve('eslint'))('ajv') as new (options: object) => {
    validate(schema: object, value: unknown): boolean;
  };
  return new ajv({ schemaId: 'auto' }).validate(schema, value);
}

function parse(value: unknown) {
  return parseServerConfig(JSON.stringify(value), 'config.json');
}

function outcomeOf(value: unknown): string {
  try {
    parse(value);
  } catch (error) {
    expect(error).toMatchObject({ name: 'StoreError', code: 'STORE_CONFIG_INVALID', subject: 'config.json' });
    return (error as Error).message;
  }
  return 'accepted';
}

const GOOD: [string, object][] = [
  ['the minimum', BASE],
  ['issuers and no tokens', { store: 's3://bucket', oidc: [ISSUER] }],
  ['a branch', { ...BASE, tokens: [{ ...TOKEN, scope: 'branch', branch: 'feature/x' }] }],
  ['an expiry time', { ...BASE, tokens: [{ ...TOKEN, expires: '2030-01-31T00:00:00Z' }] }],
  ['TLS on all addresses', { ...BASE, listen: { host: '0.0.0.0', port: 443 }, tls: { certificate: 'a', key: 'b' } }],
  ['a proxy', { ...BASE, listen: { host: '::' }, trustedProxies: ['10.0.0.0/8', '::1'] }],
  ['one proxy as a string', { ...BASE, trustedProxies: '10.0.0.1' }],
  ['a rule for branches', { ...BASE, oidc: [{ ...ISSUER, rules: [{ ...RULE, scope: 'branch', branch: '{ref*}' }] }] }],
  ['limits', { ...BASE, limits: { objectBytes: 1, shutdownSeconds: 0 } }],
];

/** Rejected by parser and schema; the parser's message. */
const BAD: [string, unknown, string][] = [
  ['no object', [], 'the input is [], expected an object'],
  ['no store', { tokens: [TOKEN] }, 'store is missing, expected the URL'],
  ['an unknown setting', { ...BASE, stroe: 1 }, 'stroe is not a setting, did you mean store? Known: $schema, store'],
  ['a token itself', { ...BASE, tokens: [{ ...TOKEN, token: 'x' }] }, 'tokens[0].token is not a setting'],
  [
    'a short digest',
    { ...BASE, tokens: [{ ...TOKEN, sha256: 'ab' }] },
    'tokens[0].sha256 is "ab", expected the sha256',
  ],
  [
    'an unknown scope',
    { ...BASE, tokens: [{ ...TOKEN, scope: 'admin' }] },
    'tokens[0].scope is "admin", expected read, write',
  ],
  ['a scope without its branch', { ...BASE, tokens: [{ ...TOKEN, scope: 'branch' }] }, 'tokens[0].branch is missing'],
  ['a branch without its scope', { ...BASE, tokens: [{ ...TOKEN, branch: 'x' }] }, 'tokens[0].branch is "x"'],
  [
    'a time without a zone',
    { ...BASE, tokens: [{ ...TOKEN, expires: '2030-01-31' }] },
    'tokens[0].expires is "2030-01-31"',
  ],
  ['an issuer by http', { ...BASE, oidc: [{ ...ISSUER, issuer: 'http://ci.example' }] }, 'oidc[0].issuer is'],
  [
    'an issuer whose host begins like loopback',
    { ...BASE, oidc: [{ ...ISSUER, issuer: 'http://127.0.0.1.ci.example' }] },
    'oidc[0].issuer is',
  ],
  ['no audience', { ...BASE, oidc: [{ issuer: 'https://ci.example' }] }, 'oidc[0].audience is missing'],
  [
    'a rule with the scope maintain',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ ...RULE, scope: 'maintain' }] }] },
    'oidc[0].rules[0].scope is',
  ],
  [
    'a fixed branch for all',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ ...RULE, scope: 'branch', branch: 'x' }] }] },
    'oidc[0].rules[0].branch is "x"',
  ],
  [
    'a port out of range',
    { ...BASE, listen: { port: 65_536 } },
    'listen.port is 65536, expected a whole number from 0 to 65535',
  ],
  ['TLS without a certificate', { ...BASE, tls: { key: 'x' } }, 'tls.certificate is missing'],
  ['a limit of zero', { ...BASE, limits: { requests: 0 } }, 'limits.requests is 0'],
  ['a proxy by name', { ...BASE, trustedProxies: ['proxy.example'] }, 'trustedProxies[0] is "proxy.example"'],
];

/** Rejected by the parser only: rules that JSON Schema cannot express. */
const BAD_AS_A_WHOLE: [string, unknown, string][] = [
  [
    'a quota of a bucket',
    { ...BASE, store: 's3://bucket', limits: { diskBytes: 1e12 } },
    'limits.diskBytes is 1000000000000, expected 0, or a store in a folder',
  ],
  [
    'a quota that is smaller than an object',
    { ...BASE, limits: { diskBytes: 1e9 } },
    'limits.diskBytes is 1000000000, expected at least objectBytes (4294967296)',
  ],
  [
    'a configuration that admits nobody',
    { store: 'file:///srv' },
    'tokens is missing, expected at least one token here',
  ],
  ['tokens in clear text', { ...BASE, listen: { host: '0.0.0.0' } }, 'listen.host is "0.0.0.0", expected "tls"'],
  [
    'a duplicate name',
    { ...BASE, tokens: [TOKEN, { ...TOKEN, sha256: 'cd'.repeat(32) }] },
    'tokens[1].name is "ci", expected a name that no other token has',
  ],
  [
    'a duplicate token',
    { ...BASE, tokens: [TOKEN, { ...TOKEN, name: 'b', scope: 'write' }] },
    `tokens[1].sha256 is "${SHA256}"`,
  ],
  [
    'a duplicate issuer',
    { ...BASE, oidc: [ISSUER, ISSUER] },
    'oidc[1].issuer is "https://ci.example", expected each issuer once',
  ],
  [
    'a rule without an owner',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ claims: { ref: 'main' }, scope: 'read' }] }] },
    'expected a claim that identifies the owner',
  ],
  [
    'a rule for all owners',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ claims: { repository: '*/*' }, scope: 'read' }] }] },
    'expected a claim that identifies the owner',
  ],
  [
    'a rule for one owner or all',
    { ...BASE, oidc: [{ ...ISSUER, rules: [{ claims: { sub: ['repo:org/app:*', '*'] }, scope: 'read' }] }] },
    'expected a claim that identifies the owner',
  ],
  [
    'a proxy network with an invalid prefix length',
    { ...BASE, trustedProxies: ['10.0.0.0/99'] },
    'trustedProxies[0] is "10.0.0.0/99"',
  ],
];

describe('parseServerConfig', () => {
  test.each(GOOD)('accepts %s, like the schema', (_, value) => {
    expect(outcomeOf(value)).toBe('accepted');
    expect(acceptsBySchema(value)).toBe(true);
  });

  test.each(BAD)('rejects %s, like the schema', (_, value, message) => {
    expect(outcomeOf(value)).toContain(message);
    expect(acceptsBySchema(value)).toBe(false);
  });

  test.each(BAD_AS_A_WHOLE)('rejects %s', (_, value, message) => {
    expect(outcomeOf(value)).toContain(message);
  });

  test('reports every issue at once', () => {
    const message = outcomeOf({ store: 1, tokens: [{}], limits: { requests: 'x' }, metrics: 'closed' });
    for (const name of [
      'store',
      'tokens[0].name',
      'tokens[0].sha256',
      'tokens[0].scope',
      'limits.requests',
      'metrics',
    ]) {
      expect(message).toContain(`${name} is`);
    }
  });

  test('rejects text that is not JSON', () => {
    expect(() => parseServerConfig('{', 'config.json')).toThrow(/^config\.json: /);
  });

  test('fills in the defaults', () => {
    const { listen, metrics, logLevel, limits, sessionSeconds } = parse(BASE);
    expect({ listen, metrics, logLevel, sessionSeconds }).toEqual({
      listen: { host: '127.0.0.1', port: 7878 },
      metrics: 'token',
      logLevel: 'info',
      sessionSeconds: 21_600,
    });
    expect(limits).toEqual(
      Object.fromEntries(Object.entries(LIMITS).map(([name, { byDefault }]) => [name, byDefault])),
    );
  });
});

test('the committed JSON Schema is the one of the code: node tools/build/write-store-schema.mjs', () => {
  expect(schema).toEqual(JSON.parse(JSON.stringify(jsonSchemaOfConfig())));
});

test('the example configuration is valid', () => {
  const file = fileURLToPath(new URL('../../../../deploy/pinpack-store.json', import.meta.url));
  const text = readFileSync(file, 'utf8');
  expect(parseServerConfig(text, file).tokens.length).toBeGreaterThan(0);
  expect(acceptsBySchema(JSON.parse(text))).toBe(true);
});
