// A standalone server over a backend, on a free port of 127.0.0.1, with a token of each scope.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ObjectBackend } from '../backends/backend.js';
import { FolderBackend } from '../backends/folder-backend.js';
import type { Trust } from '../entry/trust.js';
import { Authenticator } from './authenticator.js';
import { LIMITS, type IssuerEntry, type Limits, type ServerConfig, type TokenEntry } from './config.js';
import type { IssuerTimes } from './oidc.js';
import { createLogger } from './request-log.js';
import type { Scope } from './scope.js';
import { Sessions } from './sessions.js';
import { StoreServer, type TlsFiles } from './store-server.js';
import { generateToken } from './tokens.js';

export const SCOPES = {
  read: { kind: 'read' },
  write: { kind: 'write' },
  pull: { kind: 'branch', branch: 'org/app#12' },
  other: { kind: 'branch', branch: 'org/app#13' },
  maintain: { kind: 'maintain' },
} satisfies Record<string, Scope>;

export interface StartOptions {
  backend?: ObjectBackend;
  trust?: Trust;
  limits?: Partial<Limits>;
  issuers?: IssuerEntry[];
  issuerTimes?: IssuerTimes;
  config?: Partial<Pick<ServerConfig, 'metrics' | 'trustedProxies' | 'listen'>>;
  tls?: TlsFiles;
}

export interface RunningServer {
  server: StoreServer;
  authenticator: Authenticator;
  url: string;
  /** The folder of the store, if no backend was given. */
  folder: string;
  tokens: Record<keyof typeof SCOPES, string>;
  /** What was logged, as JSON. */
  logged: Record<string, unknown>[];
  /** The text of what was logged. */
  log: () => string;
  close: () => Promise<number>;
}

/** Ends with the test, or with `close`. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const running = await startServerForAll(options);
  onTestFinished(async () => {
    await running.close();
  });
  return running;
}

/** For several tests: the caller closes it. */
export async function startServerForAll(options: StartOptions = {}): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-server-'));
  const { tokens, entries } = makeTokens();
  const lines: string[] = [];
  const authenticator = new Authenticator(
    { tokens: entries, issuers: options.issuers ?? [] },
    new Sessions(randomBytes(32), 3600),
    options.issuerTimes,
  );
  const server = await StoreServer.start({
    config: {
      listen: { host: '127.0.0.1', port: 0 },
      trustedProxies: [],
      metrics: 'token',
      limits: { ...defaultLimits(), ...options.limits },
      ...options.config,
    },
    backend: options.backend ?? new FolderBackend(folder),
    trust: options.trust ?? { publicKeys: [] },
    authenticator,
    spool: folder,
    tls: options.tls,
    log: createLogger('debug', { write: (line: string) => void lines.push(line) }),
  });
  let closed: Promise<number> | undefined;
  const close = async () => {
    const cutOff = await server.close();
    await rm(folder, { recursive: true, force: true });
    return cutOff;
  };
  return {
    server,
    authenticator,
    url: server.url,
    folder,
    tokens,
    get logged() {
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    log: () => lines.join(''),
    close: () => (closed ??= close()),
  };
}

export function defaultLimits(): Limits {
  return Object.fromEntries(
    Object.entries(LIMITS).map(([name, { byDefault }]) => [name, byDefault]),
  ) as unknown as Limits;
}

function makeTokens(): { tokens: RunningServer['tokens']; entries: TokenEntry[] } {
  const made = Object.entries(SCOPES).map(([name, scope]) => ({ name, scope, ...generateToken() }));
  return {
    tokens: Object.fromEntries(made.map(({ name, token }) => [name, token])) as RunningServer['tokens'],
    entries: made.map(({ name, scope, sha256 }) => ({ name, scope, sha256, expires: undefined })),
  };
}
