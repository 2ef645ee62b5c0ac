/** The digest of the code that writes repositories, made by the build (tools/code-digest). */
import { readFileSync } from 'node:fs';

/** sha256 in hex. @throws Error if pinpack is not built */
export function repositoryCodeDigest(): string {
  return readFileSync(new URL('../dist/code-digest.txt', import.meta.url), 'utf8').trim();
}
