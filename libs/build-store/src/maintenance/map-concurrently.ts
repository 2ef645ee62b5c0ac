// Some at a time of many, in the order of what comes, and no more in memory than are under way.

/** @param atOnce - how many run at a time */
export async function* mapConcurrently<T, R>(
  items: AsyncIterable<T>,
  atOnce: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = task(item);
      // It may fail before its turn to be waited for comes.
      result.catch(() => undefined);
      running.push(result);
      const first = running.length >= atOnce ? running.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (let first = running.shift(); first !== undefined; first = running.shift()) yield await first;
  } finally {
    // Whoever ended early isn't told of the faults of the rest.
    await Promise.allSettled(running);
  }
}
