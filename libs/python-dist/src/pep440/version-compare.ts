/** The order of versions (PEP 440, "Summary of permitted suffixes and relative ordering"). */
import { tryParseVersion, type Version } from './version.js';

const PRE_RANK = { a: 0, b: 1, rc: 2 } as const;

/** Negative, zero or positive, in the order of `packaging.version.Version`. Trailing zeros of the release are ignored. */
export function compareVersions(left: Version, right: Version): number {
  return (
    left.epoch - right.epoch ||
    compareReleases(left.release, right.release) ||
    compareNumbers(preKey(left), preKey(right)) ||
    (left.post ?? -1) - (right.post ?? -1) ||
    compareDev(left.dev, right.dev) ||
    compareLocals(left.local, right.local)
  );
}

function compareReleases(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A bare development release sorts before every pre-release, a final or post release after them. */
function preKey({ pre, post, dev }: Version): readonly [rank: number, number: number] {
  if (pre !== undefined) return [PRE_RANK[pre.kind], pre.number];
  return post === undefined && dev !== undefined ? [-1, 0] : [3, 0];
}

function compareNumbers(left: readonly [number, number], right: readonly [number, number]): number {
  return left[0] - right[0] || left[1] - right[1];
}

function compareDev(left: number | undefined, right: number | undefined): number {
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  return left - right;
}

/** A version without local parts sorts first; then part by part, text before numbers, a prefix before longer lists. */
function compareLocals(left: readonly string[] | undefined, right: readonly string[] | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareLocalParts(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Digits compare as text of equal length, since local parts (hashes, dates) may exceed 2**53. */
function compareLocalParts(left: string, right: string): number {
  const leftIsNumber = /^[0-9]+$/.test(left);
  const rightIsNumber = /^[0-9]+$/.test(right);
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? 1 : -1;
  if (leftIsNumber && left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : Number(left > right);
}

/** Whether two texts are the same version (`1.0` and `1.0.0`). Texts that are not versions have to be equal. */
export function isSameVersion(left: string, right: string): boolean {
  const [one, other] = [tryParseVersion(left), tryParseVersion(right)];
  return one === undefined || other === undefined ? left === right : compareVersions(one, other) === 0;
}
