// What `lock`'s options ask for, checked before anything asks an index.
import { normalizeName, type Lock, type LockOptions } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';

export interface AskedOptions {
  /** `true`: every pin takes newer versions; a text: those that it names, with `,` between. */
  upgrade?: boolean | string | undefined;
  excludeNewer?: string | undefined;
  /** Path of a lock that another tool made, relative to the workspace's root. */
  from?: string | undefined;
}

/** A day or a moment, and no duration: what a lock is made with means the same tomorrow. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** @throws PinpackError `PINPACK_OPTION_INVALID` with every issue */
export function planOptions(
  reqset: string,
  { upgrade = false, excludeNewer, from }: AskedOptions,
  previous: Pick<Lock, 'packages'> | undefined,
): LockOptions {
  const names = typeof upgrade === 'string' ? splitNames(upgrade) : [];
  const locked = new Set(previous?.packages.map(({ name }) => name));
  const issues = names
    .filter((name) => !locked.has(name))
    .map((name) => `--upgrade: ${name} is no pin of ${reqset}, which has ${locked.size} of them in its lock`);
  if (typeof upgrade === 'string' && names.length === 0)
    issues.push('--upgrade: no name is given, expected --upgrade alone for every pin, or --upgrade=numpy,scipy');
  if (excludeNewer !== undefined && !(MOMENT.test(excludeNewer) && !Number.isNaN(Date.parse(excludeNewer))))
    issues.push(
      `--excludeNewer: "${excludeNewer}" is no date, expected one such as 2026-03-31 or 2026-03-31T12:00:00Z`,
    );
  if (from !== undefined && (upgrade !== false || excludeNewer !== undefined))
    issues.push(
      '--from takes the versions of another lock, and leaves nothing to --upgrade and --excludeNewer: give it alone',
    );
  if (issues.length > 0) throw new PinpackError('PINPACK_OPTION_INVALID', `${reqset}:lock`, issues);
  return { upgrade: upgrade === true ? 'all' : names, ...(excludeNewer !== undefined && { excludeNewer }) };
}

function splitNames(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .map(normalizeName);
}
