// The digest of pinpack's own code that determines bytes, made by the build (tools/write-code-digest.mjs). Nx does not hash an executor's code.
import { readFileSync } from 'node:fs';

/** sha256 in hex. @throws Error when the plugin isn't built */
export function codeDigest(): string {
  return readFileSync(new URL('../dist/code-digest.txt', import.meta.url), 'utf8').trim();
}
