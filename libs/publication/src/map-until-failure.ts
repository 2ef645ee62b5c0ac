// Maps items concurrently. After a failure no further item starts, and those in flight are awaited: p-map alone rejects while writes go on.
import pMap from 'p-map';

/** @returns the results in the order of the items. @throws the first failure, after the items in flight have finished */
export async function mapUntilFailure<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
  concurrency: number,
): Promise<Result[]> {
  const failures: unknown[] = [];
  const results: Result[] = [];
  await pMap(
    items.entries(),
    async ([index, item]) => {
      if (failures.length > 0) return;
      try {
        results[index] = await task(item);
      } catch (error) {
        failures.push(error);
      }
    },
    { concurrency },
  );
  if (failures.length > 0) throw failures[0];
  return results;
}
