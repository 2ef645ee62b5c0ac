/** Versions as rpm orders them: `[epoch:]version[-release]`, and the `rpmvercmp` algorithm with its `~` and `^` (rpm.org, "Dependencies basics"). */
import { RpmError } from './errors.js';

export interface Evr {
  epoch?: number;
  version: string;
  release?: string;
}

type Order = -1 | 0 | 1;

/** A version or release in a spec. */
export const VERSION = /^[A-Za-z0-9_.+~^]+$/;
const SEGMENT = /[~^]|[0-9]+|[A-Za-z]+/g;

/** `rpmvercmp`: -1, 0 or 1 for two versions (or two releases). Anything that is no letter, digit, `~` or `^` only separates. */
export function compareVersions(a: string, b: string): Order {
  if (a === b) return 0;
  const left = a.match(SEGMENT) ?? [];
  const right = b.match(SEGMENT) ?? [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareSegments(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Orders epoch (none is 0), version, release. A missing release sorts before every other; in a relation it would match any. */
export function compareEvr(a: string | Evr, b: string | Evr): Order {
  const left = typeof a === 'string' ? parseEvr(a) : a;
  const right = typeof b === 'string' ? parseEvr(b) : b;
  const epochs = Math.sign((left.epoch ?? 0) - (right.epoch ?? 0)) as Order;
  return epochs || compareVersions(left.version, right.version) || compareReleases(left.release, right.release);
}

export function parseEvr(text: string): Evr {
  const found = /^(?:(?<epoch>\d{1,10}):)?(?<version>[^:\s-]+)(?:-(?<release>[^:\s-]+))?$/.exec(text);
  const { epoch, version, release } = found?.groups ?? {};
  if (version === undefined) {
    const expected = 'expected [epoch:]version[-release], without spaces and with no other "-" or ":"';
    throw new RpmError(
      'RPM_VERSION_INVALID',
      JSON.stringify(text),
      `is no RPM version; ${expected}. Correct the version.`,
    );
  }
  return {
    ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
    version,
    ...(release === undefined ? {} : { release }),
  };
}

/** Whether rpmbuild takes it in a relation. */
export function isEvr(text: string): boolean {
  try {
    const { version, release } = parseEvr(text);
    return VERSION.test(version) && (release === undefined || VERSION.test(release));
  } catch {
    return false;
  }
}

export function formatEvr(evr: Evr): string {
  const epoch = evr.epoch === undefined ? '' : `${evr.epoch}:`;
  return epoch + evr.version + (evr.release === undefined ? '' : `-${evr.release}`);
}

function compareReleases(a: string | undefined, b: string | undefined): Order {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return compareVersions(a, b);
}

function compareSegments(a: string | undefined, b: string | undefined): Order {
  if (a === b) return 0;
  // A tilde sorts before everything, even the end.
  if (a === '~') return -1;
  if (b === '~') return 1;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  // A caret sorts after the end and before everything else.
  if (a === '^') return -1;
  if (b === '^') return 1;
  return isNumber(a) ? compareNumbers(a, b) : compareLetters(a, b);
}

function compareNumbers(a: string, b: string): Order {
  if (!isNumber(b)) return 1;
  // Calendar versions and hashes overflow any number type, so digits are compared by length, then as text.
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length > right.length ? 1 : -1;
  return order(left, right);
}

function compareLetters(a: string, b: string): Order {
  return isNumber(b) ? -1 : order(a, b);
}

function order(a: string, b: string): Order {
  if (a === b) return 0;
  return a > b ? 1 : -1;
}

function isNumber(segment: string): boolean {
  return segment.charCodeAt(0) <= 0x39;
}
