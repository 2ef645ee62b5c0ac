// The words that HttpBackend and the standalone server share (docs/store-server.md, "The API").

export const OBJECTS = '/pinpack/v1/objects';
export const SESSION = '/pinpack/v1/session';

/** On every answer of the server, so that a proxy's or a stranger's 404 isn't taken for a miss. */
export const SERVER_HEADER = 'pinpack-store';
export const SERVER_VERSION = 'v1';

/** Stable, in the JSON of a refusal: why it is one. */
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
