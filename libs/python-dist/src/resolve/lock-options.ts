// What a lock is made with, beside its inputs.
import type { ForeignLock } from '../lock/foreign/foreign-lock.js';
import type { Lock } from '../lock/lock.js';
import type { CompileOptions } from './compile.js';

export interface LockOptions {
  /** The lock that is there: its versions stay where they still satisfy the requirements, and what stays the same keeps its release. */
  previous?: Lock | undefined;
  /** Of what newer versions are taken all the same: of every pin, or of those with these PEP 503 names. */
  upgrade?: 'all' | readonly string[];
  /** Files that were uploaded later don't exist: `2026-03-31`, or a timestamp (RFC 3339). */
  excludeNewer?: string | undefined;
  /** A lock that another tool made: its versions and files are taken, and nothing is resolved. */
  imported?: ForeignLock | undefined;
}

/** For uv: of what was locked, the versions that are to stay, and the date. */
export function stayingOptions(
  { upgrade = [], excludeNewer }: LockOptions,
  locked: readonly { name: string; version: string }[],
): Pick<CompileOptions, 'preferences' | 'excludeNewer'> {
  const preferences = upgrade === 'all' ? [] : locked.filter(({ name }) => !upgrade.includes(name));
  return { preferences, ...(excludeNewer !== undefined && { excludeNewer }) };
}
