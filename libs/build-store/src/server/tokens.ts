// Generates and identifies access tokens. The server only knows their digests.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenEntry } from './config.js';
import type { Identity } from './scope.js';

const RANDOM_BYTES = 32;

/** A new token, and its digest for the configuration. */
export function generateToken(): { token: string; sha256: string } {
  // Scanners for leaked secrets recognize the prefix.
  const token = `pinpack_${randomBytes(RANDOM_BYTES).toString('base64url')}`;
  return { token, sha256: digestOf(token).toString('hex') };
}

/**
 * Identifies the owner of a token. All entries are compared in constant time, so that the duration reveals nothing.
 *
 * @param now - milliseconds since 1970
 * @returns undefined for an unknown or expired token
 */
export function identityOfToken(entries: TokenEntry[], token: string, now: number): Identity | undefined {
  const digest = digestOf(token);
  const found = entries.filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, 'hex'), digest));
  const entry = found.find(({ expires }) => expires === undefined || now < expires);
  return entry === undefined ? undefined : { name: `token:${entry.name}`, scope: entry.scope };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
