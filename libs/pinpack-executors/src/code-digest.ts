// The digest of pinpack's own code that determines bytes, made by the build (tools/finish-build.mjs). Nx does not hash an executor's code.
import { readFileSync } from 'node:fs';

/** Of what makes wheels and RPMs: sha256 in hex. @throws Error when the plugin isn't built */
export function codeDigest(): string {
  return readDigest('code-digest.txt');
}

/** Of what makes images of RPMs. */
export function imageCodeDigest(): string {
  return readDigest('image-code-digest.txt');
}

/** Of what makes repositories of RPMs. */
export function repositoryCodeDigest(): string {
  return readDigest('repository-code-digest.txt');
}

function readDigest(file: string): string {
  return readFileSync(new URL(`../dist/${file}`, import.meta.url), 'utf8').trim();
}
