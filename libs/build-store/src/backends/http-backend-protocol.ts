// Constants of the protocol between HttpBackend and the standalone server (docs/store-server.md, "The API").

export const OBJECTS = '/pinpack/v1/objects';
export const SESSION = '/pinpack/v1/session';

/** Header of every response of the server, so that a 404 of a proxy or another server is not a miss. */
export const SERVER_HEADER = 'pinpack-store';
export const SERVER_VERSION = 'v1';

/** Stable reason of a rejected request, in its JSON body. */
export type RefusalCode =
  | 'absent'
  | 'backend'
  | 'busy'
  | 'clear-text'
  | 'condition'
  | 'digest'
  | 'exists'
  | 'forbidden'
  | 'length'
  | 'method'
  | 'path'
  | 'rate'
  | 'route'
  | 'size'
  | 'unauthorized';

/** Content-Digest, RFC 9530. */
const DIGEST = /(?:^|,)\s*sha-256=:([0-9A-Za-z+/]{43}=):\s*(?:,|$)/;

/** @param sha256 - in hex */
export function formatContentDigest(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
}

/** @returns the sha256 in hex; undefined where the header has none */
export function parseContentDigest(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const base64 = DIGEST.exec(text)?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
}
