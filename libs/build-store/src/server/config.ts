// The standalone server's configuration (schemas/store-server.schema.json, docs/store-server.md): what it consists of, and its defaults.
import type { ClaimRule } from './claim-rules.js';
import type { Scope } from './scope.js';

export interface TokenEntry {
  name: string;
  /** Of the token's text, in hex. */
  sha256: string;
  scope: Scope;
  /** Milliseconds since 1970; undefined for one that doesn't expire. */
  expires: number | undefined;
}

export interface IssuerEntry {
  issuer: string;
  audience: string;
  rules: ClaimRule[];
}

export interface Limits {
  /** Of one object or one of Nx's archives. */
  objectBytes: number;
  /** In flight at once. */
  requests: number;
  /** Of one identity. */
  requestsPerMinute: number;
  headerSeconds: number;
  /** Without a byte in either direction. */
  idleSeconds: number;
  /** A request as a whole. */
  requestSeconds: number;
  /** Until the backend has handed out or taken an object. */
  backendSeconds: number;
  shutdownSeconds: number;
}

export interface ServerConfig {
  /** A store's URL, as `parseStoreUrl` takes it. */
  store: string;
  listen: { host: string; port: number };
  /** Paths of PEM files. */
  tls: { certificate: string; key: string } | undefined;
  /** Addresses and networks (CIDR) whose X-Forwarded-For is believed. */
  trustedProxies: string[];
  tokens: TokenEntry[];
  issuers: IssuerEntry[];
  /** How long what an identity token is exchanged for holds. */
  sessionSeconds: number;
  /** Path of a file with a secret that servers share; without it sessions end with the process. */
  sessionSecretFile: string | undefined;
  /** Path of a PKCS8 PEM file. */
  signingKeyFile: string | undefined;
  /** Whose entries are handed out by Nx's protocol, beside those of the signing key: base64 of the DER (SPKI), or PEM. */
  publicKeys: string[];
  /** Folder for bodies on their way. */
  spool: string | undefined;
  metrics: 'open' | 'token';
  logLevel: LogLevel;
  limits: Limits;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const GIB = 1024 ** 3;
/** In seconds. */
export const DAY = 86_400;

/** From, to and default of each limit. */
export const LIMITS: Record<keyof Limits, [from: number, to: number, byDefault: number]> = {
  objectBytes: [1, 1024 * GIB, 4 * GIB],
  requests: [1, 10_000, 128],
  requestsPerMinute: [1, 1_000_000, 6000],
  headerSeconds: [1, 300, 15],
  idleSeconds: [1, 3600, 60],
  requestSeconds: [1, DAY, 1800],
  backendSeconds: [1, 3600, 120],
  shutdownSeconds: [0, 3600, 25],
};

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(host);
}
