// Options of `lock`, in addition to its inputs.
import type { ForeignLock } from '../lock/foreign/foreign-lock.js';
import type { Lock } from '../lock/lock.js';
import type { CompileOptions } from './compile.js';

export interface LockOptions {
  /** The previous lock. Its versions are kept if they satisfy the requirements, and unchanged packages keep their Release. */
  previous?: Lock | undefined;
  /** The pins to upgrade: all, or those with these PEP 503 names. */
  upgrade?: 'all' | readonly string[];
  /** Versions below which pins must not stay, such as those with a fix: the nearest ones are preferred to newer ones. */
  minimum?: readonly { name: string; version: string }[];
  /** Ignores files that were uploaded later: `2026-03-31`, or a timestamp (RFC 3339). */
  excludeNewer?: string | undefined;
  /** The lock of another tool, whose versions and files are used instead of resolving. */
  imported?: ForeignLock | undefined;
}

/** uv's options to keep locked versions, and the date. */
export function keepOptions(
  { upgrade = [], minimum = [], excludeNewer }: LockOptions,
  locked: readonly { name: string; version: string }[],
): Pick<CompileOptions, 'preferences' | 'excludeNewer'> {
  const raised = new Set(minimum.map(({ name }) => name));
  const kept = upgrade === 'all' ? [] : locked.filter(({ name }) => !upgrade.includes(name) && !raised.has(name));
  const preferences = [...kept, ...minimum];
  return { preferences, ...(excludeNewer !== undefined && { excludeNewer }) };
}
