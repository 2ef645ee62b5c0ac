// Runs the standalone server as a process until a signal ends it. SIGHUP reloads tokens, issuers, the certificate and the keys of entries.
import { tmpdir } from 'node:os';
import { mkdir } from 'node:fs/promises';
import type { ObjectBackend } from '../backends/backend.js';
import { QuotaFolder } from '../maintenance/quota-folder.js';
import { parseStoreUrl, type StoreLocation } from '../names/store-url.js';
import { openBackend } from '../store/open-store.js';
import type { Environment } from '../store/plan-store.js';
import { StoreError } from '../store-error.js';
import { Authenticator } from './authenticator.js';
import type { ServerConfig } from './config.js';
import { readServerConfig, readServerTrust, readSessionSecret, readTls } from './read-config.js';
import { createLogger, type Logger } from './request-log.js';
import { Sessions } from './sessions.js';
import { StoreServer } from './store-server.js';

export interface RunOptions {
  /** Path of the configuration. */
  file: string;
  environment: Environment;
  /** Emits SIGHUP, SIGTERM and SIGINT; `process` itself. */
  signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/**
 * @returns the exit code: 0 if all requests in progress were finished, 1 if the deadline cut some off
 * @throws StoreError for an invalid configuration, key or URL of a store
 */
export async function runServer({ file, environment, signals }: RunOptions): Promise<number> {
  const { config, secret, ...parts } = await readParts(file, environment);
  const { limits, spool = tmpdir(), logLevel } = config;
  const log = createLogger(logLevel);
  await mkdir(spool, { recursive: true });
  const server = await StoreServer.start({ ...parts, config, spool, log });
  const reload = () => void readAgain(server, { file, environment, secret, log });
  signals.on('SIGHUP', reload);
  const ending = firstOf(signals, ['SIGTERM', 'SIGINT']);
  log.info({ url: server.url, store: parts.backend.label, signs: parts.trust.signingKey !== undefined }, 'listening');
  log.info({ signal: await ending, deadlineSeconds: limits.shutdownSeconds }, 'closing');
  const cutOff = await server.close();
  signals.off('SIGHUP', reload);
  log.info({ cutOff }, 'closed');
  return cutOff === 0 ? 0 : 1;
}

/**
 * Reads the configuration and all files that it names.
 *
 * @returns a summary in one line
 * @throws StoreError as `runServer` does
 */
export async function checkServer(file: string, environment: Environment): Promise<string> {
  const { config, backend, trust } = await readParts(file, environment);
  const { tokens, issuers } = config;
  const signs = trust.signingKey === undefined ? 'signs nothing' : 'signs';
  return `${file}: ${backend.label}, ${tokens.length} tokens, ${issuers.length} issuers, ${signs}`;
}

async function readParts(file: string, environment: Environment) {
  const config = await readServerConfig(file);
  const secret = await readSessionSecret(config);
  const location = parseStoreUrl(config.store);
  if (location.kind === 'http') {
    throw new StoreError(
      'STORE_CONFIG_INVALID',
      file,
      'store is another server, expected file:///path or s3://bucket/prefix',
    );
  }
  return {
    config,
    secret,
    backend: await openServedBackend(location, config.limits, environment),
    trust: await readServerTrust(config, environment),
    authenticator: authenticatorOf(config, secret),
    tls: await readTls(config),
  };
}

async function openServedBackend(
  location: StoreLocation,
  { diskBytes }: ServerConfig['limits'],
  environment: Environment,
): Promise<ObjectBackend> {
  const hasQuota = location.kind === 'folder' && diskBytes > 0;
  return hasQuota ? new QuotaFolder(location.folder, diskBytes) : openBackend(location, environment);
}

interface ReloadOptions {
  file: string;
  environment: Environment;
  secret: Uint8Array;
  log: Logger;
}

/** An invalid configuration changes nothing. */
async function readAgain(server: StoreServer, { file, environment, secret, log }: ReloadOptions): Promise<void> {
  try {
    const config = await readServerConfig(file);
    const [tls, trust] = [await readTls(config), await readServerTrust(config, environment)];
    server.reload({ authenticator: authenticatorOf(config, secret), tls, trust });
    log.info({ tokens: config.tokens.length, issuers: config.issuers.length }, 'configuration reloaded');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error({ reason }, 'the configuration was not reloaded, the current one stays');
  }
}

function authenticatorOf(config: ServerConfig, secret: Uint8Array): Authenticator {
  return new Authenticator(config, new Sessions(secret, config.sessionSeconds));
}

function firstOf(signals: RunOptions['signals'], names: string[]): Promise<string> {
  return new Promise((resolve) => {
    for (const name of names) {
      signals.on(name, () => {
        resolve(name);
      });
    }
  });
}
