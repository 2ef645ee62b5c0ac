// Opens and closes the store for the executors of a run.
import { openJournal, openStore, StoreError, type Store } from '@pinpack/build-store';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { storeEnvironment } from '../workspace/store-environment.js';

/** How long a run without a server process waits for its uploads. The next run uploads the rest. */
const UPLOAD_DEADLINE_MS = 60_000;

/** The configured store. Undefined, with a warning, if the configuration is invalid: the store never fails a build. */
export async function openStoreOfRun(
  options: PluginOptions,
  environment: Record<string, string | undefined> = process.env,
): Promise<Store | undefined> {
  try {
    const { store: url, publicKeys } = options;
    return await openStore({ url, publicKeys, environment: storeEnvironment(options, environment) });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    await openJournal(environment).warn(`${error.message}\n  The run continues without a store.`);
    return undefined;
  }
}

export async function closeStoreOfRun(opening: Promise<Store | undefined>): Promise<void> {
  const store = await opening;
  await store?.flush(UPLOAD_DEADLINE_MS);
  await store?.close();
}

/** Opens a store for tasks, and closes it after them. */
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
