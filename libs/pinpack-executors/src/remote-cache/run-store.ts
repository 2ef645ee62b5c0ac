// The store of a run, opened for its end: by the process that serves the run, or where there is none by the plugin.
import { FolderJournal, openStore, StoreError, type FlushReport, type Store } from '@pinpack/build-store';
import type { RunPlan } from './plan-run.js';

/** Where the run asks its server to end. */
export const FINISH_PATH = '/finish';

/** What the server answers. Both are undefined where the store couldn't be opened: the run's warning says why. */
export interface Finished {
  label?: string;
  flush?: FlushReport;
}

/** A mistake in the store's URL or keys is told as the run's warning. */
export async function openRunStore({ url, publicKeys }: RunPlan, folder: string): Promise<Store | undefined> {
  try {
    const environment = { ...process.env, PINPACK_STORE_RUN: folder };
    return await openStore({ url, publicKeys, environment, isUploader: true });
  } catch (error) {
    const message = error instanceof StoreError ? error.message : `${String(error)}\n  This is a fault of pinpack.`;
    await new FolderJournal(folder).warn(message);
    return undefined;
  }
}

/** Uploads what waits and closes the store. @param deadline - in milliseconds */
export async function finishStore(store: Store | undefined, deadline: number): Promise<Finished> {
  if (store === undefined) return {};
  const flush = await store.flush(deadline);
  await store.close();
  return { label: store.label, flush };
}
