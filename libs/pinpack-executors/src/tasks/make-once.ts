// Restores an output from the store or makes it. Runs that use leases at the same time, such as the shards of a pipeline, make it once.
import type { EntryKind, Lease, Store } from '@pinpack/build-store';

export interface SharedOutput<Output> {
  /** The store that keeps the output; undefined if it is not kept. */
  store: Pick<Store, 'lease' | 'tryLease'> | undefined;
  kind: EntryKind;
  /** Undefined if it is not kept. */
  key: string | undefined;
  /** @returns undefined if the output has to be made */
  restore: () => Promise<Output | undefined>;
  make: () => Promise<Output>;
  /** Runs a task when there is capacity. A lease is taken within it, so that other runs can take those of the waiting tasks. Default: at once. */
  inSlot?: <T>(task: () => Promise<T>) => Promise<T>;
}

export async function makeOnce<Output>({ restore, make, ...output }: SharedOutput<Output>): Promise<Output> {
  const { store, kind, key, inSlot = atOnce } = output;
  const restored = await restore();
  if (restored !== undefined) return restored;
  if (store === undefined || key === undefined) return inSlot(make);
  const made = await inSlot(async () => {
    const lease = await store.tryLease(kind, key);
    return lease && { output: await holding(lease, make) };
  });
  if (made !== undefined) return made.output;
  const lease = await store.lease(kind, key);
  return holding(lease, async () => (await restore()) ?? (await inSlot(make)));
}

function atOnce<T>(task: () => Promise<T>): Promise<T> {
  return task();
}

async function holding<T>(lease: Lease, task: () => Promise<T>): Promise<T> {
  let outcome: 'made' | 'failed' = 'failed';
  try {
    const result = await task();
    outcome = 'made';
    return result;
  } finally {
    await lease.release(outcome);
  }
}
