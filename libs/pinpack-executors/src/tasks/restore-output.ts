// Takes an executor's output from the store, in place of making it.
import { basename, join } from 'node:path';
import { copyFileAtomically } from '@pinpack/common/atomic-file';
import { type EntryRecord, type Store } from '@pinpack/build-store';

/** An output in its place; its size in bytes. */
export interface Output {
  path: string;
  size: number;
  isRestored: boolean;
}

export interface Wanted {
  kind: 'wheel' | 'rpm';
  key: string;
  /** Absolute; the output lies there under the name that it was kept with. */
  folder: string;
  /** Whether what was kept is what is wanted, by its name and attachments. A key says so already; a store may lie. */
  accepts: (record: EntryRecord) => boolean;
}

/** Verified by the store, in place by rename. @returns undefined where it has to be made */
export async function restoreOutput(store: Store | undefined, wanted: Wanted): Promise<EntryRecord | undefined> {
  const hit = await store?.get(wanted.kind, wanted.key);
  if (hit === undefined) return undefined;
  try {
    const { record } = hit;
    if (basename(record.fileName) !== record.fileName || !wanted.accepts(record)) return undefined;
    await copyFileAtomically(hit.path, join(wanted.folder, record.fileName));
    return record;
  } finally {
    await hit.release();
  }
}
