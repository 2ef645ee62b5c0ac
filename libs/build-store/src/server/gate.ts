// Admits requests that are encrypted, have a valid token, are within the rate limits, and get a place before the deadline.
import type { Admitted, Answer, Authenticator } from './authenticator.js';
import type { TrustedProxies } from './client-address.js';
import type { Limits } from './config.js';
import type { Exchange } from './exchange.js';
import type { RefusalReason } from './metrics.js';
import { Places } from './places.js';
import { RateLimiter } from './rate.js';
import { refusal, type Reply } from './reply.js';

export interface GateOptions {
  authenticator: Authenticator;
  proxies: TrustedProxies;
  limits: Pick<Limits, 'requests' | 'requestsPerIdentity' | 'requestsPerMinute' | 'queueSeconds'>;
  onRefusal: (reason: RefusalReason) => void;
}

const TOKEN_EXPECTED = { 'WWW-Authenticate': 'Bearer realm="pinpack-store"' };
const BUSY = refusal(503, 'busy', 'too many requests at once', { 'Retry-After': '1' });

export class Gate {
  authenticator: Authenticator;
  private readonly rates: RateLimiter;
  /** For requests whose token is being verified, by address. */
  private readonly anonymous: Places;
  /** For requests in progress, by identity. */
  private readonly places: Places;

  constructor(private readonly options: GateOptions) {
    const { requests, requestsPerIdentity, requestsPerMinute, queueSeconds } = options.limits;
    const limits = { total: requests, perIdentity: requestsPerIdentity, queueMs: queueSeconds * 1000 };
    this.authenticator = options.authenticator;
    this.rates = new RateLimiter(requestsPerMinute);
    this.anonymous = new Places(limits);
    this.places = new Places(limits);
  }

  /** An admitted request has its place until its response ends. */
  async admit(exchange: Exchange): Promise<Admitted | { reply: Reply }> {
    if (!this.options.proxies.isPrivate(exchange.request)) {
      const reply = refusal(403, 'clear-text', 'the token was sent unencrypted over the network: use https');
      return this.refuse(exchange, 'clear text', reply);
    }
    const answer = await this.identify(exchange);
    if (answer === undefined) return this.refuse(exchange, 'busy', BUSY);
    if ('refused' in answer) {
      const reply = refusal(401, 'unauthorized', 'the token is unknown or has expired', TOKEN_EXPECTED);
      return this.refuse(exchange, 'unauthorized', reply, answer.refused);
    }
    const { name } = answer.identity;
    exchange.who = name;
    if (!this.rates.take(name)) {
      const reply = refusal(429, 'rate', 'too many requests in a minute', { 'Retry-After': '2' });
      return this.refuse(exchange, 'rate', reply);
    }
    const release = await this.places.take(name, exchange.request.method === 'PUT', exchange.gone);
    if (release === undefined) return this.refuse(exchange, 'busy', BUSY);
    exchange.onEnd(release);
    return answer;
  }

  /** undefined if there was no place for the verification, which may ask an issuer for its keys. */
  private async identify(exchange: Exchange): Promise<Answer | undefined> {
    const { authorization = [] } = exchange.request.headersDistinct;
    // A proxy may have checked the other one.
    if (authorization.length > 1) return { refused: 'more than one Authorization header' };
    const release = await this.anonymous.take(exchange.client, false, exchange.gone);
    if (release === undefined) return undefined;
    try {
      return await this.authenticator.identify(authorization[0]);
    } finally {
      release();
    }
  }

  private refuse(exchange: Exchange, reason: RefusalReason, reply: Reply, why: string = reason): { reply: Reply } {
    exchange.refused = why;
    this.options.onRefusal(reason);
    return { reply };
  }
}
