// Restores an executor's output from the store.
import { basename, join } from 'node:path';
import { copyFileAtomically } from '@pinpack/common/atomic-file';
import { type EntryRecord, type Store } from '@pinpack/build-store';
import { recordOrigin } from './task-origins.js';

/** An output file; its size in bytes. */
export interface Output {
  path: string;
  size: number;
  isRestored: boolean;
}

export interface Wanted {
  kind: 'wheel' | 'rpm';
  key: string;
  /** Nx's id of the task. */
  task: string;
  /** Absolute. The output gets the name that is stored with it. */
  folder: string;
  /** Checks name and attachments of the stored entry. The key implies them, but the store may be corrupt. */
  accepts: (record: EntryRecord) => boolean;
  /** Called before the output is restored, which it prevents by an error. */
  beforeRestoring?: (record: EntryRecord) => Promise<void>;
}

/** The store verifies the content. @returns undefined if the output has to be made */
export async function restoreOutput(store: Store | undefined, wanted: Wanted): Promise<EntryRecord | undefined> {
  const hit = await store?.get(wanted.kind, wanted.key);
  if (hit === undefined) return undefined;
  try {
    const { record } = hit;
    if (basename(record.fileName) !== record.fileName || !wanted.accepts(record)) return undefined;
    await wanted.beforeRestoring?.(record);
    await copyFileAtomically(hit.path, join(wanted.folder, record.fileName));
    recordOrigin({ task: wanted.task, origin: hit.from });
    return record;
  } finally {
    await hit.release();
  }
}
