// Identity tokens of CI systems (OpenID Connect Core 1.0, Discovery 1.0; GitHub and GitLab): signed by an issuer that the configuration
// names, for the audience that it names. Tokens that cannot be verified are rejected.
import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type RemoteJWKSet } from 'jose';
import { scopeOfClaims } from './claim-rules.js';
import { isLoopback, type IssuerEntry } from './config.js';
import type { Identity } from './scope.js';

export interface IssuerTimes {
  /** Until an issuer has answered, in milliseconds. */
  answer: number;
  /** Time between requests to an issuer that failed, or that lacks the key of a token. */
  cooldown: number;
  /** How long what it said is believed. */
  keep: number;
}

export const ISSUER_TIMES: IssuerTimes = { answer: 3000, cooldown: 30_000, keep: 600_000 };

/** Asymmetric algorithms only: not `none`, nor any for which a public key could be used as the secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE = '30s';
const DOCUMENT_LIMIT = 1 << 20;

export class Issuer {
  private keys: RemoteJWKSet | undefined;
  private discovery: Promise<RemoteJWKSet> | undefined;
  private discovered = -Infinity;
  private failed: { at: number; error: unknown } | undefined;

  constructor(
    private readonly entry: IssuerEntry,
    private readonly times: IssuerTimes = ISSUER_TIMES,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @param token - a JWT that claims to be from this issuer
   * @returns undefined where no rule gives its claims a right
   * @throws the error of jose for an invalid token, and Error if the issuer does not respond
   */
  async identify(token: string): Promise<Identity | undefined> {
    const { payload } = await jwtVerify(token, (header, input) => this.keyOf(header, input), {
      issuer: this.entry.issuer,
      audience: this.entry.audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE,
      requiredClaims: ['exp', 'iat'],
      currentDate: new Date(this.now()),
    });
    const scope = scopeOfClaims(this.entry.rules, payload);
    return scope === undefined ? undefined : { name: this.nameOf(payload), scope };
  }

  private nameOf({ sub }: JWTPayload): string {
    return `oidc:${new URL(this.entry.issuer).host}:${sub ?? ''}`;
  }

  private async keyOf(...question: Parameters<RemoteJWKSet>): ReturnType<RemoteJWKSet> {
    // Each request to a dead issuer would wait for its time limit otherwise.
    if (this.failed !== undefined && this.now() - this.failed.at < this.times.cooldown) {
      return this.knownKeyOf(question, this.failed.error);
    }
    try {
      const key = await (await this.readKeys())(...question);
      this.failed = undefined;
      return key;
    } catch (error) {
      if (!isAboutToken(error)) this.failed = { at: this.now(), error };
      throw error;
    }
  }

  /** While an issuer is unavailable, or seems so because of an unauthorized token, tokens of known keys stay valid. */
  private async knownKeyOf(question: Parameters<RemoteJWKSet>, failure: unknown): ReturnType<RemoteJWKSet> {
    const known = this.keys?.fresh === true ? this.keys.jwks() : undefined;
    if (known === undefined) throw failure;
    return createLocalJWKSet(known)(...question);
  }

  private async readKeys(): Promise<RemoteJWKSet> {
    if (this.keys !== undefined && this.now() - this.discovered < this.times.keep) return this.keys;
    this.discovery ??= this.discover().finally(() => (this.discovery = undefined));
    this.keys = await this.discovery;
    this.discovered = this.now();
    return this.keys;
  }

  private async discover(): Promise<RemoteJWKSet> {
    const { issuer } = this.entry;
    const document = await this.readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (document.issuer !== issuer) throw new Error(`${issuer}: the discovery document is for another issuer`);
    const place = document.jwks_uri;
    if (typeof place !== 'string' || !isSafe(place))
      throw new Error(`${issuer}: the discovery document has no https URL of keys`);
    return createRemoteJWKSet(new URL(place), {
      timeoutDuration: this.times.answer,
      cooldownDuration: this.times.cooldown,
      cacheMaxAge: this.times.keep,
    });
  }

  private async readJson(url: string): Promise<Record<string, unknown>> {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(this.times.answer) });
    if (!answer.ok) throw new Error(`${url}: the response has status ${answer.status}`);
    if (Number(answer.headers.get('content-length') ?? 0) > DOCUMENT_LIMIT)
      throw new Error(`${url}: the document is too large`);
    return (await answer.json()) as Record<string, unknown>;
  }
}

/** The issuer responded, but does not have the key of the token. */
function isAboutToken(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
}

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}
