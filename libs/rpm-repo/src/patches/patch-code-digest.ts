/** The digest of the code that makes patches, computed by the build (tools/build/code-digest.mjs). */
import { readFileSync } from 'node:fs';

/** sha256 in hex. @throws Error if pinpack is not built */
export function patchCodeDigest(): string {
  return readFileSync(new URL('../../dist/patch-code-digest.txt', import.meta.url), 'utf8').trim();
}
