// Counts equal bytes. Pure.

/** Bytes that are compared one by one before whole blocks are. */
const SHORT = 64;
const BLOCK = 64 * 1024;

/** Number of equal bytes of `a` from `i` and of `b` from `j` on. @param most - the count at which to stop */
export function matchLength(a: Buffer, i: number, b: Buffer, j: number, most = Infinity): number {
  const limit = Math.min(a.length - i, b.length - j, most);
  let count = countBytes({ a, i, b, j }, 0, Math.min(limit, SHORT));
  if (count < SHORT) return Math.max(count, 0);
  for (let size = SHORT; count < limit; size = Math.min(2 * size, BLOCK)) {
    const end = Math.min(count + size, limit);
    if (a.compare(b, j + count, j + end, i + count, i + end) !== 0) return countBytes({ a, i, b, j }, count, end);
    count = end;
  }
  return limit;
}

interface Positions {
  a: Buffer;
  i: number;
  b: Buffer;
  j: number;
}

function countBytes({ a, i, b, j }: Positions, from: number, limit: number): number {
  let count = from;
  while (count < limit && a[i + count] === b[j + count]) count++;
  return count;
}
