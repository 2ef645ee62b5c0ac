// Some at a time of a list. When one fails no further ones begin, and those under way are waited for.

/** @returns the results, in the order of the items */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const faults: unknown[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (faults.length > 0) return;
      try {
        results[index] = await task(item);
      } catch (error) {
        faults.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  if (faults.length > 0) throw faults[0];
  return results;
}
