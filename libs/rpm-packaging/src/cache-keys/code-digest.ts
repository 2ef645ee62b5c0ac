// Digests of pinpack's own code, for cache keys. Nx does not hash an executor's code.
import { readFileSync } from 'node:fs';

/** What pinpack makes. Each has an entry file in `src/outputs`, whose import closure is digested by the build (tools/code-digest). */
export type Output = 'source-build' | 'wheel-rpm' | 'application-rpm' | 'runtime-rpm' | 'python-rpm' | 'image' | 'sbom';

export type CodeDigests = Readonly<Record<Output, string>>;

let digests: CodeDigests | undefined;

/** sha256 in hex of the code that determines the bytes of each output. @throws Error if pinpack is not built */
export function codeDigests(): CodeDigests {
  digests ??= JSON.parse(readFileSync(new URL('../../dist/code-digests.json', import.meta.url), 'utf8')) as CodeDigests;
  return digests;
}

export function codeDigest(output: Output): string {
  return codeDigests()[output];
}
