// The parts of a store, its check of keys and its warning about unsigned entries.
import { isEntryKey, type EntryKind } from '../names/object-keys.js';
import type { Leases } from './leases.js';
import type { LocalFolder } from './local-folder.js';
import type { Outbox } from './outbox.js';
import type { Remote } from './remote.js';
import type { RunJournal } from './run-journal.js';
import type { Store } from './store.js';
import type { Uploader } from './uploader.js';

export interface SharedStoreParts {
  label: string;
  local: LocalFolder;
  journal: RunJournal;
  /** Kinds of entries that are kept in the local folder. */
  localKinds: readonly EntryKind[];
  remote?: Remote | undefined;
  /** Queue of uploads to the remote; undefined if nothing is uploaded. */
  outbox?: Outbox | undefined;
  /** undefined if another process of the run uploads. */
  uploader?: Uploader | undefined;
  /** False if the readers of the remote would reject the entries of this run, because it has no key to sign them. Default: true. */
  uploadsEntries?: boolean | undefined;
  /** undefined if concurrent runs do not share their work, or nothing is uploaded. */
  leases?: Leases | undefined;
  /** Whether to report that entries are not uploaded. */
  warnsUnsigned?: boolean | undefined;
}

/** The facts of an entry that its producer knows. */
export type Facts = Parameters<Store['put']>[0];

/** @throws RangeError, since an invalid key is a bug of the caller and not an error of the store */
export function checkKey(key: string): void {
  if (!isEntryKey(key))
    throw new RangeError(`${key} is not a valid key, expected 1 to 128 letters, digits, "_" or "-"`);
}

export function formatUnsigned(label: string): string {
  return `${label}: entries of this run are not uploaded, since readers with the public keys would reject them
  Set PINPACK_STORE_SIGNING_KEY or PINPACK_STORE_SIGNING_KEY_FILE to the private key of one of them, or PINPACK_STORE_MODE=read`;
}
