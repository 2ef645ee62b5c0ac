// Paths and file helpers that the benchmarks share.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const FOLDER = join(ROOT, 'tmp/bench');

/** @param {string} path @param {string | Uint8Array} content */
export function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Absolute path of a file beside this one. @param {string} file */
export function here(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
