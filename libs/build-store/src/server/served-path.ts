// Validates object paths of requests: below a namespace (names/object-keys.ts), with characters that all backends and proxies treat the same.
import { LAYOUT_VERSION } from '../names/object-keys.js';

export interface ServedPath {
  path: string;
  /** The digest that the content must have, for a content-addressed object. */
  sha256: string | undefined;
}

const SEGMENT = '[0-9A-Za-z_~+@=-][0-9A-Za-z._~+@=-]{0,254}';
const BELOW_NAMESPACE = new RegExp(`^${LAYOUT_VERSION}/(?:main|branch/${SEGMENT})/((?:${SEGMENT}/)*${SEGMENT})$`);
const PREFIX = new RegExp(`^(?:${LAYOUT_VERSION}/(?:${SEGMENT}/)*)?$`);
const CONTENT = /^sha256\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/;
const LONGEST = 900;

/** @returns undefined for an invalid path: another layout, `..`, a segment that begins with a dot, an encoded character */
export function parseServedPath(path: string): ServedPath | undefined {
  const inside = path.length > LONGEST ? undefined : BELOW_NAMESPACE.exec(path)?.[1];
  if (inside === undefined) return undefined;
  return { path, sha256: CONTENT.exec(inside)?.[2] };
}

/** Whether a text can be the prefix of a list: empty, or whole segments that end with `/`. */
export function isObjectPrefix(prefix: string): boolean {
  return prefix.length <= LONGEST && PREFIX.test(prefix);
}
