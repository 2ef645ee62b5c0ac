// Reads the configuration of the standalone server, and the files that it refers to.
import { createPublicKey, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readTrust, type Trust } from '../entry/trust.js';
import type { Environment } from '../store/plan-store.js';
import { StoreError } from '../store-error.js';
import type { ServerConfig } from './config.js';
import { parseServerConfig } from './parse-config.js';
import type { TlsFiles } from './store-server.js';

const SECRET_BYTES = 32;

/** @throws StoreError `STORE_CONFIG_INVALID` */
export async function readServerConfig(file: string): Promise<ServerConfig> {
  const config = parseServerConfig(await readText(file), file);
  const place = (path: string | undefined) => (path === undefined ? undefined : resolve(dirname(file), path));
  const { tls } = config;
  return {
    ...config,
    tls: tls && { certificate: resolve(dirname(file), tls.certificate), key: resolve(dirname(file), tls.key) },
    signingKeyFile: place(config.signingKeyFile),
    sessionSecretFile: place(config.sessionSecretFile),
    spool: place(config.spool),
  };
}

/** @throws StoreError `STORE_CONFIG_INVALID` for an unreadable file */
export async function readTls({ tls }: Pick<ServerConfig, 'tls'>): Promise<TlsFiles | undefined> {
  return tls === undefined ? undefined : { cert: await readText(tls.certificate), key: await readText(tls.key) };
}

/**
 * Reads the keys whose entries are served by Nx's protocol, and the signing key, whose entries are served, too.
 *
 * @throws StoreError `STORE_KEY_INVALID`
 */
export async function readServerTrust(
  { publicKeys, signingKeyFile }: Pick<ServerConfig, 'publicKeys' | 'signingKeyFile'>,
  environment: Environment,
): Promise<Trust> {
  const fromConfig = signingKeyFile === undefined ? {} : { PINPACK_STORE_SIGNING_KEY_FILE: signingKeyFile };
  const trust = await readTrust(publicKeys, { ...environment, ...fromConfig });
  if (trust.signingKey === undefined) return trust;
  return { ...trust, publicKeys: [...trust.publicKeys, createPublicKey(trust.signingKey)] };
}

/** Without a file, a new secret is generated, and sessions end with the process. @throws StoreError `STORE_CONFIG_INVALID` */
export async function readSessionSecret({
  sessionSecretFile,
}: Pick<ServerConfig, 'sessionSecretFile'>): Promise<Uint8Array> {
  if (sessionSecretFile === undefined) return randomBytes(SECRET_BYTES);
  const secret = (await readText(sessionSecretFile)).trim();
  if (secret.length >= SECRET_BYTES) return Buffer.from(secret);
  throw new StoreError(
    'STORE_CONFIG_INVALID',
    sessionSecretFile,
    `the secret has ${secret.length} characters, expected at least ${SECRET_BYTES} random ones`,
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new StoreError('STORE_CONFIG_INVALID', file, `it cannot be read: ${(cause as Error).message}`, { cause });
  }
}
