// Admits requests that are encrypted, have a valid token, and are within the rate limits.
import type { Admitted, Authenticator } from './authenticator.js';
import type { TrustedProxies } from './client-address.js';
import type { Limits } from './config.js';
import type { Exchange } from './exchange.js';
import type { RefusalReason } from './metrics.js';
import { RateLimiter } from './rate.js';
import { refusal, type Reply } from './reply.js';

export interface GateOptions {
  authenticator: Authenticator;
  proxies: TrustedProxies;
  limits: Pick<Limits, 'requests' | 'requestsPerMinute'>;
  onRefusal: (reason: RefusalReason) => void;
}

const TOKEN_EXPECTED = { 'WWW-Authenticate': 'Bearer realm="pinpack-store"' };

export class Gate {
  authenticator: Authenticator;
  private readonly rates: RateLimiter;

  constructor(private readonly options: GateOptions) {
    this.authenticator = options.authenticator;
    this.rates = new RateLimiter(options.limits.requestsPerMinute);
  }

  /** @param inFlight - requests, this one too */
  async admit(exchange: Exchange, inFlight: number): Promise<Admitted | { reply: Reply }> {
    const { headers } = exchange.request;
    if (!this.options.proxies.isPrivate(exchange.request)) {
      const reply = refusal(403, 'clear-text', 'a token came readable over the network: ask by https');
      return this.refuse(exchange, 'clear text', reply);
    }
    if (inFlight > this.options.limits.requests) {
      return this.refuse(exchange, 'busy', refusal(503, 'busy', 'too many requests at once', { 'Retry-After': '1' }));
    }
    const answer = await this.authenticator.identify(headers.authorization);
    if ('refused' in answer) {
      const reply = refusal(401, 'unauthorized', 'the token is unknown or has expired', TOKEN_EXPECTED);
      return this.refuse(exchange, 'unauthorized', reply, answer.refused);
    }
    exchange.who = answer.identity.name;
    if (this.rates.take(answer.identity.name)) return answer;
    return this.refuse(exchange, 'rate', refusal(429, 'rate', 'too many requests in a minute', { 'Retry-After': '2' }));
  }

  private refuse(exchange: Exchange, reason: RefusalReason, reply: Reply, why: string = reason): { reply: Reply } {
    exchange.refused = why;
    this.options.onRefusal(reason);
    return { reply };
  }
}
