// Types and defaults of the configuration of the standalone server (docs/store-server.md).
import type { ClaimRule } from './claim-rules.js';
import type { Scope } from './scope.js';

export interface TokenEntry {
  name: string;
  /** SHA-256 of the token, in hex. */
  sha256: string;
  scope: Scope;
  /** Milliseconds since 1970; undefined for a token that does not expire. */
  expires: number | undefined;
}

export interface IssuerEntry {
  issuer: string;
  audience: string;
  rules: ClaimRule[];
}

export interface ServerConfig {
  /** Location of the store, as accepted by `parseStoreUrl`. */
  store: string;
  listen: { host: string; port: number };
  /** Paths of PEM files. */
  tls: { certificate: string; key: string } | undefined;
  /** Addresses and networks (CIDR) of proxies whose X-Forwarded-For is trusted. */
  trustedProxies: string[];
  tokens: TokenEntry[];
  issuers: IssuerEntry[];
  /** Lifetime of a session token, which a CI system gets for its identity token. */
  sessionSeconds: number;
  /** Path of a file with a secret that several servers share. Without it, sessions end with the process. */
  sessionSecretFile: string | undefined;
  /** Path of a PKCS8 PEM file. */
  signingKeyFile: string | undefined;
  /** Keys whose entries are served by Nx's protocol, in addition to the signing key: base64 of the DER (SPKI), or PEM. */
  publicKeys: string[];
  /** Folder for temporary files of bodies. */
  spool: string | undefined;
  metrics: (typeof METRICS)[number];
  logLevel: LogLevel;
  limits: Limits;
}

export const METRICS = ['open', 'token'] as const;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface LimitFacts {
  from: number;
  to: number;
  byDefault: number;
  description: string;
}

const GIB = 1024 ** 3;
/** In seconds. */
export const DAY = 86_400;

export const LIMITS = {
  objectBytes: { from: 1, to: 1024 * GIB, byDefault: 4 * GIB, description: 'Size of one object or Nx archive.' },
  requests: {
    from: 1,
    to: 10_000,
    byDefault: 128,
    description: 'Concurrent requests. Uploads take half of them at most.',
  },
  requestsPerIdentity: {
    from: 1,
    to: 10_000,
    byDefault: 64,
    description: 'Concurrent requests of one token or CI identity. Uploads take half of them at most.',
  },
  queueSeconds: {
    from: 0,
    to: 300,
    byDefault: 20,
    description: 'Time that a request waits when there are too many at once, before it is refused.',
  },
  requestsPerMinute: { from: 1, to: 1_000_000, byDefault: 6000, description: 'Requests of one token or identity.' },
  headerSeconds: { from: 1, to: 300, byDefault: 15, description: 'Time until the headers of a request are complete.' },
  idleSeconds: {
    from: 1,
    to: 3600,
    byDefault: 60,
    description: 'Time without a byte in either direction, in addition to backendSeconds.',
  },
  requestSeconds: { from: 1, to: DAY, byDefault: 1800, description: 'Duration of a whole request.' },
  bodyBytesPerSecond: {
    from: 0,
    to: GIB,
    byDefault: 1024,
    description:
      'Minimum rate of bodies in either direction, over rateSeconds. A slower client is disconnected. 0: none.',
  },
  rateSeconds: { from: 1, to: 300, byDefault: 15, description: 'Time over which the rate of a body is measured.' },
  diskBytes: {
    from: 0,
    to: 1024 * 1024 * GIB,
    byDefault: 0,
    description: 'Quota of a store in a folder: the objects that were not used for longest are removed. 0: none.',
  },
  backendSeconds: {
    from: 1,
    to: 3600,
    byDefault: 120,
    description: 'Time that the store may take to return or accept an object.',
  },
  shutdownSeconds: {
    from: 0,
    to: 3600,
    byDefault: 25,
    description: 'Time for requests in flight when the server shuts down.',
  },
} as const satisfies Record<string, LimitFacts>;

export type Limits = Record<keyof typeof LIMITS, number>;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(host);
}
