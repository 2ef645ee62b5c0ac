// Authenticates requests by bearer token (RFC 6750): an access token of the configuration, an identity token of a CI system, or a session token.
import { decodeJwt } from 'jose';
import type { ServerConfig } from './config.js';
import { Issuer, type IssuerTimes } from './oidc.js';
import type { Identity } from './scope.js';
import { Sessions } from './sessions.js';
import { identityOfToken } from './tokens.js';

export interface Admitted {
  identity: Identity;
  /** By a token of a CI system itself. */
  isFromIssuer: boolean;
}

/** The reason of a rejection is for the log, and contains no part of the token. */
export type Answer = Admitted | { refused: string };

const BEARER = /^Bearer +([0-9A-Za-z._~+/-]+=*)$/i;
const LONGEST = 16_384;

export class Authenticator {
  private readonly issuers: Map<string, Issuer>;

  constructor(
    private readonly config: Pick<ServerConfig, 'tokens' | 'issuers'>,
    readonly sessions: Sessions,
    times?: IssuerTimes,
    private readonly now: () => number = Date.now,
  ) {
    this.issuers = new Map(config.issuers.map((entry) => [entry.issuer, new Issuer(entry, times)]));
  }

  /** @param authorization - the header's value. Never rejects */
  async identify(authorization: string | undefined): Promise<Answer> {
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > LONGEST) return { refused: 'no bearer token' };
    const identity = identityOfToken(this.config.tokens, token, this.now());
    if (identity !== undefined) return { identity, isFromIssuer: false };
    return token.split('.').length === 3 ? this.identifyJwt(token) : { refused: 'unknown or expired token' };
  }

  private async identifyJwt(token: string): Promise<Answer> {
    try {
      // Not verified yet: only used to select the keys.
      const { iss } = decodeJwt(token);
      const isFromIssuer = !Sessions.isIssuer(iss);
      const issuer = isFromIssuer ? this.issuers.get(iss ?? '') : this.sessions;
      if (issuer === undefined) return { refused: 'an issuer that is not configured' };
      const identity = await issuer.identify(token);
      return identity === undefined ? { refused: 'no rule for the claims' } : { identity, isFromIssuer };
    } catch (error) {
      return { refused: error instanceof Error ? error.message : 'not a token' };
    }
  }
}
