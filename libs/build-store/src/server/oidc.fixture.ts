// A real OpenID Connect issuer on a free port of 127.0.0.1: a discovery document, keys, and tokens that it signs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { onTestFinished } from 'vitest';

interface Key {
  kid: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

export const AUDIENCE = 'pinpack-store';
export const CLAIMS = { sub: 'repo:org/app:ref:refs/heads/main', repository: 'org/app', ref: 'refs/heads/main' };

export class TestIssuer {
  /** How often each path was asked for. */
  readonly asked: Record<string, number> = {};
  /** While true, it does not respond. */
  isFrozen = false;
  /** While true, it responds 500. */
  isBroken = false;
  /** What the discovery document has instead of the truth. */
  lie: Record<string, unknown> = {};
  private keys: Key[] = [];
  private readonly server = createServer((request, response) => {
    const path = request.url ?? '';
    this.asked[path] = (this.asked[path] ?? 0) + 1;
    if (this.isFrozen) return;
    const document = { issuer: this.url, jwks_uri: `${this.url}/keys`, ...this.lie };
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': document,
      '/keys': { keys: this.keys.map(({ jwk }) => jwk) },
    };
    response.writeHead(this.isBroken ? 500 : path in answers ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answers[path] ?? {}));
  });

  /** Ends with the test. */
  static async start(): Promise<TestIssuer> {
    const issuer = new TestIssuer();
    await issuer.rotate('first');
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      issuer.stop();
    });
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Stops listening. */
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Signs with a new key from now on, and forgets the others. */
  async rotate(kid: string, alg = 'ES256'): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    this.keys = [{ kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }];
  }

  /** The public key as others see it. */
  get jwk(): JWK {
    return this.key.jwk;
  }

  /** A good token, unless something else is asked for. */
  async token(claims: Record<string, unknown> = {}, header: { kid?: string; alg?: string } = {}): Promise<string> {
    const { kid, privateKey, jwk } = this.key;
    const now = Math.floor(Date.now() / 1000);
    const all = { iss: this.url, aud: AUDIENCE, iat: now, nbf: now, exp: now + 300, ...CLAIMS, ...claims };
    return new SignJWT(all).setProtectedHeader({ alg: jwk.alg ?? '', kid, ...header }).sign(privateKey);
  }

  private get key(): Key {
    const [key] = this.keys;
    if (key === undefined) throw new Error('an issuer has a key');
    return key;
  }
}
