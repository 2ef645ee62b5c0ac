// Reads what the standalone server is made of: its configuration, and the files and the store that it names.
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

/** @throws StoreError `STORE_CONFIG_INVALID` for a file that can't be read */
export async function readTls({ tls }: Pick<ServerConfig, 'tls'>): Promise<TlsFiles | undefined> {
  return tls === undefined ? undefined : { cert: await readText(tls.certificate), key: await readText(tls.key) };
}

/**
 * Whose entries the server hands out by Nx's protocol, and what it signs with: what it signed itself it believes.
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

/** Without a file it's made anew, and sessions end with the process. @throws StoreError `STORE_CONFIG_INVALID` */
export async function readSessionSecret({
  sessionSecretFile,
}: Pick<ServerConfig, 'sessionSecretFile'>): Promise<Uint8Array> {
  if (sessionSecretFile === undefined) return randomBytes(SECRET_BYTES);
  const secret = (await readText(sessionSecretFile)).trim();
  if (secret.length >= SECRET_BYTES) return Buffer.from(secret);
  throw new StoreError(
    'STORE_CONFIG_INVALID',
    sessionSecretFile,
    `a secret of ${secret.length} characters, expected ${SECRET_BYTES} random ones or more`,
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new StoreError('STORE_CONFIG_INVALID', file, `it can't be read, ${(cause as Error).message}`, { cause });
  }
}
