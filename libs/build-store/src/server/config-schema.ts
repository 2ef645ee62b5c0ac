// Schema of the configuration file of the standalone server. schemas/store-server.schema.json is generated from it for editors
// (tools/build/write-store-schema.mjs).
import { isIP } from 'node:net';
import { z } from 'zod';
import { OWNER_CLAIMS } from './claim-rules.js';
import { DAY, isLoopback, LIMITS, LOG_LEVELS, METRICS, type Limits } from './config.js';
import { SCOPE_KINDS } from './scope.js';

const ADDRESS = /^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/;
const ISSUER = /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$))[^\s?#]*$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const PLACEHOLDER = /\{\w+\*?\}/;
const NETWORKS = 'an address or a network such as 10.0.0.0/8';
const TEMPLATE = 'a name with claims, such as {repository}#{ref}';

/** JSON Schema of "branch is required for scope branch, and not allowed for others", which zod checks by a refinement. */
const BRANCH_RULE = {
  if: { properties: { scope: { const: 'branch' } } },
  then: { required: ['branch'] },
  else: { properties: { branch: false } },
};

function text(expected: string, pattern?: RegExp) {
  const schema = z.string({ error: expected });
  return pattern === undefined
    ? schema.min(1, { error: expected })
    : schema.regex(pattern, { error: expected, abort: true });
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}` });
}

function wholeNumber(from: number, to: number) {
  const error = `a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

/** A text, or a list of texts. */
function texts(item: z.ZodType<string>, expected: string) {
  return z.union([item, z.array(item)], { error: expected }).transform((found) => [found].flat());
}

function settings<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: ({ code }) => (code === 'invalid_type' ? 'an object' : undefined) });
}

function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(item, { error: 'a list' });
}

function checkBranch(scope: string, branch: string | undefined, context: z.RefinementCtx): void {
  if ((scope === 'branch') === (branch !== undefined)) return;
  const message = scope === 'branch' ? 'a branch for the scope "branch"' : `no branch for the scope "${scope}"`;
  context.addIssue({ code: 'custom', path: ['branch'], message });
}

const token = settings({
  name: text('a name of letters, digits, ".", "_" or "-"', /^[0-9A-Za-z._-]{1,64}$/).describe('Name in logs.'),
  sha256: text('the sha256 of the token in hex, as "pinpack-store keygen token" prints it', /^[0-9a-f]{64}$/).describe(
    'SHA-256 of the token, as printed by "pinpack-store keygen token".',
  ),
  scope: oneOf(SCOPE_KINDS).describe(
    'read: reads main. write: reads and writes main. branch: reads main, reads and writes the namespace of its branch. maintain: reads, writes and removes everything; for people, not for CI.',
  ),
  branch: text('the name of a branch')
    .describe('Branch of scope "branch": the value of PINPACK_STORE_BRANCH.')
    .optional(),
  expires: text('a time such as 2030-01-31T00:00:00Z', TIME)
    .describe('Time in UTC, such as 2030-01-31T00:00:00Z.')
    .optional(),
})
  .superRefine(({ scope, branch }, context) => {
    checkBranch(scope, branch, context);
  })
  .meta(BRANCH_RULE);

const rule = settings({
  claims: z
    .record(z.string(), texts(text('a text or a list of texts'), 'a text or a list of texts'), {
      error: 'claims by name, each with a text or a list of texts',
    })
    .refine((claims) => OWNER_CLAIMS.some((name) => namesOwner(claims[name] ?? [])), {
      error: `a claim that identifies the owner, without "*" before its first "/": ${OWNER_CLAIMS.join(', ')}`,
    })
    .describe(
      'Expected value or values by claim. * matches any characters except /. At least one claim must identify the owner.',
    ),
  scope: oneOf(['read', 'write', 'branch']),
  branch: text(TEMPLATE, PLACEHOLDER)
    .describe(
      'Branch of scope "branch". {claim} is the value of a claim, {claim*} the match of the first * in its pattern.',
    )
    .optional(),
})
  .superRefine(({ scope, branch }, context) => {
    checkBranch(scope, branch, context);
  })
  .meta(BRANCH_RULE);

const issuer = settings({
  issuer: text('an https URL', ISSUER).describe(
    'Value of the claim iss. The keys are found through its OpenID Connect discovery document.',
  ),
  audience: text('the audience that tokens are requested for').describe('Value of the claim aud.'),
  rules: listOf(rule)
    .describe('The first rule whose claims all match decides. Without a matching rule the token is rejected.')
    .default([]),
});

const limitSettings = settings(
  Object.fromEntries(
    Object.entries(LIMITS).map(([name, { from, to, byDefault, description }]) => [
      name,
      wholeNumber(from, to).describe(description).default(byDefault),
    ]),
  ) as Record<keyof Limits, z.ZodDefault<z.ZodInt>>,
);

const fields = settings({
  $schema: z.string().optional(),
  store: text('the URL of a store, such as file:///var/lib/pinpack-store').describe(
    'URL of the store: file:///var/lib/pinpack-store or s3://bucket/prefix?region=… Credentials come from the environment.',
  ),
  listen: settings({
    host: text('an address or a host name', /^[0-9A-Za-z.:-]+$/).default('127.0.0.1'),
    port: wholeNumber(0, 65_535).describe('0 selects a free port.').default(7878),
  })
    .describe('Addresses other than loopback require tls, or trustedProxies that terminate TLS.')
    .prefault({}),
  tls: settings({
    certificate: text('the path of a PEM file').describe('PEM file with its chain. Relative to this file.'),
    key: text('the path of a PEM file').describe('PEM file. Relative to this file.'),
  }).optional(),
  trustedProxies: texts(text(NETWORKS, ADDRESS).refine(isNetwork, { error: NETWORKS }), NETWORKS)
    .describe(
      'Addresses and networks of proxies that terminate TLS and whose X-Forwarded-For and X-Request-Id are trusted.',
    )
    .default([]),
  tokens: listOf(token).default([]),
  oidc: listOf(issuer).describe('CI systems whose identity tokens (OpenID Connect) are accepted.').default([]),
  sessionSeconds: wholeNumber(60, DAY)
    .describe('Lifetime of a session token, which a CI system gets for its identity token.')
    .default(6 * 3600),
  sessionSecretFile: text('the path of a file')
    .describe(
      'File with at least 32 random characters, shared by several servers. Default: a new secret at each start. Relative to this file.',
    )
    .optional(),
  signingKeyFile: text('the path of a PEM file')
    .describe("Private key (PKCS 8, PEM) that signs entries written by Nx's protocol. Relative to this file.")
    .optional(),
  publicKeys: texts(
    text('public keys, as printed by "pinpack-store keygen"'),
    'public keys, as printed by "pinpack-store keygen"',
  )
    .describe(
      "Keys whose entries are served by Nx's protocol, in addition to the signing key. Without any key, all entries are served.",
    )
    .default([]),
  spool: text('the path of a folder')
    .describe('Folder for temporary files of bodies. Default: the system folder. Relative to this file.')
    .optional(),
  metrics: oneOf(METRICS).describe('Whether /metrics requires a token.').default('token'),
  logLevel: oneOf(LOG_LEVELS).default('info'),
  limits: limitSettings.prefault({}),
});

export type ConfigInput = z.output<typeof fields>;

export const CONFIG_SCHEMA = fields.superRefine(checkWhole).meta({ title: 'Configuration of pinpack-store serve' });

/** The schema for editors. */
export function jsonSchemaOfConfig(): object {
  return z.toJSONSchema(CONFIG_SCHEMA, { target: 'draft-7', io: 'input' });
}

function checkWhole(config: ConfigInput, context: z.RefinementCtx): void {
  const { listen, tls, trustedProxies, tokens, oidc } = config;
  const report = (path: PropertyKey[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  checkQuota(config, report);
  for (const index of repeated(tokens.map(({ name }) => name)))
    report(['tokens', index, 'name'], 'a name that no other token has');
  for (const index of repeated(tokens.map(({ sha256 }) => sha256)))
    report(['tokens', index, 'sha256'], 'the digest of a token that is not listed yet');
  for (const index of repeated(oidc.map(({ issuer: name }) => name)))
    report(['oidc', index, 'issuer'], 'each issuer once, with all its rules');
  if (tokens.length + oidc.length === 0) report(['tokens'], 'at least one token here, or one issuer in "oidc"');
  if (isLoopback(listen.host) || tls !== undefined || trustedProxies.length > 0) return;
  const remedy = '"tls", or "trustedProxies" that terminate TLS, for addresses other than loopback';
  report(['listen', 'host'], `${remedy}: tokens would be sent in clear text`);
}

function checkQuota({ store, limits }: ConfigInput, report: (path: PropertyKey[], message: string) => void): void {
  if (limits.diskBytes === 0) return;
  if (!store.startsWith('file:')) {
    report(['limits', 'diskBytes'], '0, or a store in a folder: for S3, set lifecycle rules on the bucket');
  }
  if (limits.diskBytes < limits.objectBytes) {
    report(['limits', 'diskBytes'], `at least objectBytes (${limits.objectBytes}), so that every object fits`);
  }
}

function namesOwner(patterns: readonly string[]): boolean {
  return patterns.length > 0 && patterns.every((pattern) => /^[^*/]+(?:\/|$)/.test(pattern));
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '0'] = text.split('/');
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 6 ? 128 : 32);
}

/** Indexes of the texts that an earlier one equals. */
function repeated(texts: readonly string[]): number[] {
  return texts.flatMap((text, index) => (texts.indexOf(text) < index ? [index] : []));
}
