import { createHmac, randomBytes } from 'node:crypto';
import { exportSPKI, importJWK, type CryptoKey } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { branchNamespace } from '../names/object-keys.js';
import { Authenticator } from './authenticator.js';
import type { IssuerEntry } from './config.js';
import { NxClient } from './nx-client.fixture.js';
import { ISSUER_TIMES, type IssuerTimes } from './oidc.js';
import { AUDIENCE, CLAIMS, TestIssuer } from './oidc.fixture.js';
import { startServer } from './server.fixture.js';
import { Sessions } from './sessions.js';

const WRITE = { kind: 'write' };
let issuer: TestIssuer;
let entry: IssuerEntry;

beforeEach(async () => {
  issuer = await TestIssuer.start();
  entry = {
    issuer: issuer.url,
    audience: AUDIENCE,
    rules: [
      { claims: { repository: ['org/app'], ref: ['refs/heads/main'] }, scope: 'write', branch: undefined },
      {
        claims: { repository: ['org/app'], ref: ['refs/pull/*/merge'] },
        scope: 'branch',
        branch: '{repository}#{ref*}',
      },
    ],
  };
});

function authenticatorOf(times: Partial<IssuerTimes> = {}): Authenticator {
  const sessions = new Sessions(randomBytes(32), 3600);
  return new Authenticator({ tokens: [], issuers: [entry] }, sessions, { ...ISSUER_TIMES, ...times });
}

async function scopeOf(authenticator: Authenticator, token: string): Promise<unknown> {
  const answer = await authenticator.identify(`Bearer ${token}`);
  return 'refused' in answer ? answer.refused : answer.identity.scope;
}

describe('a valid token', () => {
  test.each(['RS256', 'ES256', 'PS256', 'EdDSA'])('signed with %s', async (alg) => {
    await issuer.rotate('key', alg);
    const answer = await authenticatorOf().identify(`Bearer ${await issuer.token()}`);
    const name = `oidc:${new URL(issuer.url).host}:${CLAIMS.sub}`;
    expect(answer).toEqual({ identity: { name, scope: WRITE }, isFromIssuer: true });
  });

  test('is verified by keys that are fetched once', async () => {
    const authenticator = authenticatorOf();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
    const scopes = await Promise.all(tokens.map((token) => scopeOf(authenticator, token)));
    expect(scopes).toEqual(tokens.map(() => WRITE));
    expect(issuer.asked).toEqual({ '/.well-known/openid-configuration': 1, '/keys': 1 });
  });

  test('with several audiences', async () => {
    expect(await scopeOf(authenticatorOf(), await issuer.token({ aud: ['other', AUDIENCE] }))).toEqual(WRITE);
  });

  test('without a rule for its claims is refused', async () => {
    const token = await issuer.token({ repository: 'stranger/app' });
    expect(await scopeOf(authenticatorOf(), token)).toBe('no rule for the claims');
  });
});

describe('a token is refused', () => {
  const hour = 3600;
  const now = () => Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['that has expired', () => ({ exp: now() - hour, iat: now() - 2 * hour }), 'exp'],
    ['that is not good yet', () => ({ nbf: now() + hour }), 'nbf'],
    ['of another audience', () => ({ aud: 'another' }), 'aud'],
    ['without an audience', () => ({ aud: undefined }), 'aud'],
    ['without an end', () => ({ exp: undefined }), 'exp'],
    ['of an issuer that is not configured', () => ({ iss: 'https://ci.example' }), 'not configured'],
    ['of an issuer that begins alike', () => ({ iss: `${issuer.url}/` }), 'not configured'],
    ['that says that this server gave it', () => ({ iss: 'pinpack-store', scope: { kind: 'maintain' } }), 'alg'],
  ])('%s', async (_, claims, reason) => {
    expect(await scopeOf(authenticatorOf(), await issuer.token(claims()))).toContain(reason);
  });

  test('with the algorithm "none"', async () => {
    const claims = { iss: issuer.url, aud: AUDIENCE, iat: now(), exp: now() + hour, ...CLAIMS };
    for (const alg of ['none', 'None', 'NONE']) {
      const head = `${encode({ alg, kid: 'first' })}.${encode(claims)}.`;
      for (const token of [head, `${head}AAAA`])
        expect(await scopeOf(authenticatorOf(), token)).toEqual(expect.any(String));
    }
  });

  test('whose secret is the public key', async () => {
    const claims = { iss: issuer.url, aud: AUDIENCE, iat: now(), exp: now() + hour, ...CLAIMS };
    const publicKey = await exportSPKI((await importJWK(issuer.jwk, 'ES256')) as CryptoKey);
    const head = `${encode({ alg: 'HS256', kid: 'first' })}.${encode(claims)}`;
    const token = `${head}.${createHmac('sha256', publicKey).update(head).digest('base64url')}`;
    expect(await scopeOf(authenticatorOf(), token)).toContain('alg');
  });

  test('with an unknown key', async () => {
    expect(await scopeOf(authenticatorOf(), await issuer.token({}, { kid: 'unknown' }))).toContain('no applicable key');
  });

  test('with another key of the same ID', async () => {
    const other = await TestIssuer.start();
    const token = await other.token({ iss: issuer.url });
    expect(await scopeOf(authenticatorOf(), token)).toContain('signature');
  });

  test('whose claims were changed', async () => {
    const [header = '', claims = '', signature = ''] = (await issuer.token({ ref: 'refs/pull/1/merge' })).split('.');
    const changed = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), ref: 'refs/heads/main' };
    expect(await scopeOf(authenticatorOf(), `${header}.${encode(changed)}.${signature}`)).toContain('signature');
  });

  test.each(['a.b.c', '..', `${'x'.repeat(20_000)}.a.b`, 'eyJ9.e30.x'])('%s', async (token) => {
    expect(await scopeOf(authenticatorOf(), token)).toEqual(expect.any(String));
  });

  test('if the discovery document names another issuer', async () => {
    issuer.lie = { issuer: 'https://another.example' };
    expect(await scopeOf(authenticatorOf(), await issuer.token())).toContain('is for another issuer');
  });

  test.each(['http://keys.example/keys', 'file:///etc/passwd', 'no url', 7])('with keys at %s', async (place) => {
    issuer.lie = { jwks_uri: place };
    expect(await scopeOf(authenticatorOf(), await issuer.token())).toContain('no https URL of keys');
  });
});

describe('keys that change', () => {
  test('are fetched again for a token with a new key', async () => {
    const authenticator = authenticatorOf({ cooldown: 0 });
    const old = await issuer.token();
    expect(await scopeOf(authenticator, old)).toEqual(WRITE);
    await issuer.rotate('second');
    expect(await scopeOf(authenticator, await issuer.token())).toEqual(WRITE);
    // The issuer has taken the first one back.
    expect(await scopeOf(authenticator, old)).toContain('no applicable key');
  });

  test('are not fetched again for each unauthorized token', async () => {
    const authenticator = authenticatorOf();
    expect(await scopeOf(authenticator, await issuer.token())).toEqual(WRITE);
    for (const kid of ['a', 'b', 'c']) await scopeOf(authenticator, await issuer.token({}, { kid }));
    expect(issuer.asked['/keys']).toBe(1);
    expect(await scopeOf(authenticator, await issuer.token())).toEqual(WRITE);
  });
});

describe('an unavailable issuer', () => {
  test.each([
    [
      'gone',
      (it: TestIssuer) => {
        it.stop();
      },
    ],
    [
      'broken',
      (it: TestIssuer) => {
        it.isBroken = true;
      },
    ],
    [
      'frozen',
      (it: TestIssuer) => {
        it.isFrozen = true;
      },
    ],
  ])('%s: its tokens are refused, and it is not asked for each', async (_, fail) => {
    const authenticator = authenticatorOf({ answer: 200 });
    const token = await issuer.token();
    fail(issuer);
    for (let count = 0; count < 5; count += 1) expect(await scopeOf(authenticator, token)).toEqual(expect.any(String));
    expect(issuer.asked['/.well-known/openid-configuration'] ?? 0).toBeLessThanOrEqual(1);
  });

  test('works again when it is back', async () => {
    const authenticator = authenticatorOf({ cooldown: 0 });
    issuer.isBroken = true;
    expect(await scopeOf(authenticator, await issuer.token())).toEqual(expect.any(String));
    issuer.isBroken = false;
    expect(await scopeOf(authenticator, await issuer.token())).toEqual(WRITE);
  });

  test('does not affect tokens of known keys, and no others are accepted', async () => {
    const authenticator = authenticatorOf();
    const good = await issuer.token();
    expect(await scopeOf(authenticator, good)).toEqual(WRITE);
    issuer.isBroken = true;
    await scopeOf(authenticator, await issuer.token({}, { kid: 'unknown' }));
    expect(await scopeOf(authenticator, good)).toEqual(WRITE);
  });

  test('loses its known keys after a while', async () => {
    const authenticator = authenticatorOf({ keep: 0, cooldown: 0 });
    expect(await scopeOf(authenticator, await issuer.token())).toEqual(WRITE);
    issuer.isBroken = true;
    expect(await scopeOf(authenticator, await issuer.token())).toEqual(expect.any(String));
  });
});

describe('through the server', () => {
  test("a pull request's identity writes its own namespace, and main does not see it", async () => {
    const { url } = await startServer({ issuers: [entry] });
    const pull = new NxClient(url, await issuer.token({ ref: 'refs/pull/7/merge' }));
    const main = new NxClient(url, await issuer.token());
    expect(await pull.put('123', 'poison')).toBe('stored');
    expect(await main.get('123')).toBeUndefined();
    expect(await pull.get('123')).toBe('poison');
  });

  test('is exchanged for a session with the same scope and a longer lifetime', async () => {
    const { url, tokens } = await startServer({ issuers: [entry] });
    const ask = async (method: string, token: string): Promise<Record<string, unknown>> => {
      const answer = await fetch(`${url}/pinpack/v1/session`, {
        method,
        headers: { Authorization: `Bearer ${token}` },
      });
      return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
    };
    const identity = await issuer.token({ ref: 'refs/pull/7/merge' });
    const session = await ask('POST', identity);
    const facts = { scope: 'branch', namespace: branchNamespace('org/app#7') };
    expect(session).toMatchObject({ status: 200, ...facts, token: expect.any(String) as string });
    issuer.stop();
    const token = String(session.token);
    expect(await ask('GET', token)).toMatchObject({ status: 200, ...facts });
    expect(await new NxClient(url, token).put('9', 'archive')).toBe('stored');
    // It can't be made longer by itself, and a token of the configuration needs none.
    expect(await ask('POST', token)).toMatchObject({ status: 403 });
    expect(await ask('POST', tokens.write)).toMatchObject({ status: 403 });
    expect(await ask('GET', 'wrong')).toMatchObject({ status: 401 });
  });
});
