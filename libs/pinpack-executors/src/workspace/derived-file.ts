// Checks the files that are derived from a lock. Tasks reject a file that differs from the lock.
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { PinpackError } from '../pinpack-error.js';
import { readIfThere } from './files.js';

export interface DerivedFile {
  /** Both relative to the workspace's root. */
  file: string;
  lock: string;
  /** The expected text, derived from the lock. */
  text: string;
}

/** @throws PinpackError with the given code; its message names the first field that differs */
export function checkDerivedFile(root: string, { file, lock, text }: DerivedFile, code: PinpackError['code']): void {
  const found = readIfThere(join(root, file));
  if (found === text) return;
  throw new PinpackError(code, file, [
    `${describeDifference(found, text)} as derived from ${lock}`,
    'Write the file again from the lock: nx sync',
  ]);
}

function describeDifference(found: string | undefined, expected: string): string {
  if (found === undefined) return 'the file does not exist, expected it';
  try {
    const difference = firstDifference(JSON.parse(found), JSON.parse(expected));
    return difference ?? 'the formatting or the order of fields differs, expected the text';
  } catch {
    return 'the file is not JSON, expected it';
  }
}

/** `source.sha256 is "ab", expected "cd"`; undefined if the values are equal. */
function firstDifference(found: unknown, expected: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(found, expected)) return undefined;
  if (!isObject(found) || !isObject(expected)) {
    return `${path || 'the value'} is ${format(found)}, expected ${format(expected)}`;
  }
  const fields = new Set([...Object.keys(expected), ...Object.keys(found)]);
  const inner = [...fields].map((field) =>
    firstDifference(found[field], expected[field], path === '' ? field : `${path}.${field}`),
  );
  return inner.find((difference) => difference !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function format(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
