// Opens the store that options and environment name.
import { describeLocation } from '../location.js';
import { readTrust } from '../entry/trust.js';
import { StoreError } from '../store-error.js';
import { LocalFolder } from './local-folder.js';
import { planStore, type Environment, type StoreMode } from './plan-store.js';
import { FolderJournal, MemoryJournal, type RunJournal } from './run-journal.js';
import { SharedStore } from './shared-store.js';
import type { Store } from './store.js';

export interface StoreOptions {
  /** The plugin's option `store`; `PINPACK_STORE` goes before it. None: the user's own folder. */
  url?: string | undefined;
  /** `PINPACK_STORE_MODE` goes before it. Default: `read` for a remote outside of CI, else `read-write`. */
  mode?: StoreMode | undefined;
  environment: Environment;
  /** PEM or base64 of the DER. Those of `PINPACK_STORE_PUBLIC_KEYS` are added. */
  publicKeys?: readonly string[] | undefined;
  /** Default: the run's folder, `PINPACK_STORE_RUN`; without one, this process's own with a warning on stderr. */
  journal?: RunJournal | undefined;
}

/**
 * @returns undefined with the mode `off`
 * @throws StoreError `STORE_LOCATION_INVALID`, `STORE_KEY_INVALID`: mistakes of the user, before anything is asked
 */
export async function openStore(options: StoreOptions): Promise<Store | undefined> {
  const { environment, url, mode } = options;
  const plan = planStore(url, mode, environment);
  if (plan.mode === 'off') return undefined;
  const journal = options.journal ?? openJournal(environment);
  const { location, namespace, localFolder } = plan;
  if (location === undefined) {
    const local = new LocalFolder(localFolder, namespace);
    return new SharedStore({ label: localFolder, local, journal, kinds: ['wheel', 'rpm'] });
  }
  if (location.kind !== 'folder') {
    throw new StoreError('STORE_LOCATION_INVALID', describeLocation(location), 'not yet');
  }
  const trust = await readTrust(options.publicKeys ?? [], environment);
  const local = new LocalFolder(location.folder, namespace, trust);
  return new SharedStore({ label: location.folder, local, journal, kinds: ['nx', 'wheel', 'rpm'] });
}

function openJournal({ PINPACK_STORE_RUN }: Environment): RunJournal {
  if (PINPACK_STORE_RUN !== undefined && PINPACK_STORE_RUN !== '') return new FolderJournal(PINPACK_STORE_RUN);
  return new MemoryJournal((message) => {
    console.warn(`pinpack store: ${message}`);
  });
}
