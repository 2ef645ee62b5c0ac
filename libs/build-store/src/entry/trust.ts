// Reads the public keys from nx.json and files, and the signing key from the environment.
import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import type { KeyObject } from 'node:crypto';
import { StoreError } from '../store-error.js';
import { parsePublicKey, parseSigningKey } from './signature.js';

export interface Trust {
  /** If there are any, a reader only accepts entries signed by one of them. */
  publicKeys: readonly KeyObject[];
  /** Signs new entries. */
  signingKey?: KeyObject | undefined;
}

/**
 * @param publicKeys - PEM or base64 of the DER, as `publicKeys` of nx.json has them
 * @throws StoreError `STORE_KEY_INVALID`: with an unreadable key, unsigned entries must not be accepted
 */
export async function readTrust(
  publicKeys: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Trust> {
  const files = (environment.PINPACK_STORE_PUBLIC_KEYS ?? '').split(delimiter).filter((file) => file !== '');
  const fromFiles = await Promise.all(files.map(async (file) => parsePublicKey(await readKey(file), file)));
  return {
    publicKeys: [...publicKeys.map((text, index) => parsePublicKey(text, `publicKeys[${index}]`)), ...fromFiles],
    signingKey: await readSigningKey(environment),
  };
}

async function readSigningKey(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<KeyObject | undefined> {
  const { PINPACK_STORE_SIGNING_KEY: text = '', PINPACK_STORE_SIGNING_KEY_FILE: file = '' } = environment;
  if (text !== '') return parseSigningKey(text, 'PINPACK_STORE_SIGNING_KEY');
  return file === '' ? undefined : parseSigningKey(await readKey(file), file);
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new StoreError('STORE_KEY_INVALID', file, `the key cannot be read: ${(cause as Error).message}`, { cause });
  }
}
