import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TokenEntry } from './config.js';
import { RateLimiter } from './rate.js';
import { Sessions } from './sessions.js';
import { generateToken, identityOfToken } from './tokens.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('a token', () => {
  test('is random, and the configuration contains its digest', () => {
    const { token, sha256 } = generateToken();
    expect(token).toMatch(/^pinpack_[0-9A-Za-z_-]{43}$/);
    expect(sha256).toBe(createHash('sha256').update(token).digest('hex'));
    expect(generateToken().token).not.toBe(token);
  });

  test('is valid until it expires', () => {
    const { token, sha256 } = generateToken();
    const entry: TokenEntry = { name: 'ci', sha256, scope: { kind: 'write' }, expires: NOW };
    const other: TokenEntry = {
      name: 'other',
      sha256: generateToken().sha256,
      scope: { kind: 'read' },
      expires: undefined,
    };
    const known = { name: 'token:ci', scope: { kind: 'write' } };
    expect(identityOfToken([other, entry], token, NOW - 1)).toEqual(known);
    expect(identityOfToken([other, entry], token, NOW)).toBeUndefined();
    expect(identityOfToken([{ ...entry, expires: undefined }], token, NOW)).toEqual(known);
  });

  test('does not match any other text, not even its digest', () => {
    const { token, sha256 } = generateToken();
    const entry: TokenEntry = { name: 'ci', sha256, scope: { kind: 'write' }, expires: undefined };
    for (const wrong of ['', sha256, token.slice(0, -1), `${token} `, token.toUpperCase()]) {
      expect(identityOfToken([entry], wrong, NOW)).toBeUndefined();
    }
  });
});

describe('a session', () => {
  const secret = Buffer.alloc(32, 1);
  const identity = { name: 'oidc:ci.example:repo', scope: { kind: 'branch', branch: 'org/app#1' } } as const;

  test('has the identity it was started for, until it expires', async () => {
    let now = NOW;
    const sessions = new Sessions(secret, 60, () => now);
    const { token, expires } = await sessions.start(identity);
    expect(expires.getTime()).toBe(NOW + 60_000);
    expect(await sessions.identify(token)).toEqual(identity);
    now = NOW + 60_000;
    await expect(sessions.identify(token)).rejects.toThrow('exp');
  });

  test('with another secret or changed claims is refused', async () => {
    const { token } = await new Sessions(Buffer.alloc(32, 2), 60).start(identity);
    const sessions = new Sessions(secret, 60);
    await expect(sessions.identify(token)).rejects.toThrow('signature');
    const [header = '', , signature = ''] = (await sessions.start(identity)).token.split('.');
    const claims = { iss: 'pinpack-store', sub: 'x', exp: 9e9, scope: { kind: 'maintain' } };
    const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
    await expect(sessions.identify(`${header}.${changed}.${signature}`)).rejects.toThrow('signature');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    await expect(sessions.identify(`${unsigned}.${changed}.`)).rejects.toThrow();
  });
});

describe('the rate limit', () => {
  test('allows the requests of a minute at once, and then refills', () => {
    let now = NOW;
    const limiter = new RateLimiter(60, () => now);
    const taken = (name: string, count: number) => Array.from({ length: count }, () => limiter.take(name));
    expect(taken('a', 61)).toEqual([...Array<boolean>(60).fill(true), false]);
    expect(limiter.take('b')).toBe(true);
    now += 2000;
    expect(taken('a', 3)).toEqual([true, true, false]);
    now += 3_600_000;
    expect(taken('a', 61).filter(Boolean)).toHaveLength(60);
  });

  test('works if the clock goes back', () => {
    let now = NOW;
    const limiter = new RateLimiter(1, () => now);
    expect(limiter.take('a')).toBe(true);
    now -= 3_600_000;
    expect(limiter.take('a')).toBe(false);
    now += 60_000;
    expect(limiter.take('a')).toBe(true);
  });
});
