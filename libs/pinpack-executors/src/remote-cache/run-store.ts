// Opens and finishes the store of a run: in the run's server process, or in the plugin if that has ended.
import { FolderJournal, openStore, StoreError, type FlushReport, type Store } from '@pinpack/build-store';
import { storeEnvironment } from '../workspace/sandbox-setting.js';
import type { RunPlan } from './plan-run.js';

/** The path by which the run asks its server to finish. */
export const FINISH_PATH = '/finish';

/** The server's answer. Both are undefined if the store could not be opened: the run's warning gives the reason. */
export interface Finished {
  label?: string;
  flush?: FlushReport;
}

/** An error in the store's URL or keys becomes the run's warning. */
export async function openRunStore({ url, publicKeys, sandbox }: RunPlan, folder: string): Promise<Store | undefined> {
  try {
    const environment = { ...storeEnvironment({ sandbox }, process.env), PINPACK_STORE_RUN: folder };
    return await openStore({ url, publicKeys, environment, isUploader: true });
  } catch (error) {
    const message =
      error instanceof StoreError
        ? error.message
        : `${String(error)}\n  This is a bug in pinpack: report it with the line above.`;
    await new FolderJournal(folder).warn(message);
    return undefined;
  }
}

/** Uploads pending entries and closes the store. @param deadline - in milliseconds */
export async function finishStore(store: Store | undefined, deadline: number): Promise<Finished> {
  if (store === undefined) return {};
  const flush = await store.flush(deadline);
  await store.close();
  return { label: store.label, flush };
}
