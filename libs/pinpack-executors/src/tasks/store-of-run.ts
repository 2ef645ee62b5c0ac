// The store as executors of a run see it.
import { openJournal, openStore, StoreError, type Store } from '@pinpack/build-store';
import type { PluginOptions } from '../workspace/plugin-options.js';

/** How long a run that nobody uploads for waits for its uploads. What is left, the next run uploads. */
const UPLOAD_DEADLINE_MS = 60_000;

/** The store that options and environment name; none, with a warning, where they are wrong: the cache never breaks a build. */
export async function openStoreOfRun(
  options: PluginOptions,
  environment: Record<string, string | undefined> = process.env,
): Promise<Store | undefined> {
  try {
    return await openStore({ url: options.store, publicKeys: options.publicKeys, environment });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    await openJournal(environment).warn(`${error.message}\n  The run goes on without a store.`);
    return undefined;
  }
}

export async function closeStoreOfRun(opening: Promise<Store | undefined>): Promise<void> {
  const store = await opening;
  await store?.flush(UPLOAD_DEADLINE_MS);
  await store?.close();
}

/** Runs tasks that share a store, and closes it after them. */
export async function withStoreOfRun<Result>(
  options: PluginOptions,
  run: (store: Promise<Store | undefined>) => Promise<Result>,
): Promise<Result> {
  const store = openStoreOfRun(options);
  try {
    return await run(store);
  } finally {
    await closeStoreOfRun(store);
  }
}
