// Selects the store of a command: --store, else PINPACK_STORE, else the user's local folder.
import type { ObjectBackend } from '../backends/backend.js';
import { ENTRY_KINDS, isNamespace, type EntryKind, type Namespace } from '../names/object-keys.js';
import type { StoreLocation } from '../names/store-url.js';
import { openBackend } from '../store/open-store.js';
import { planStore, type Environment } from '../store/plan-store.js';
import { UsageError } from './command.js';

export const STORE_OPTIONS = { store: { type: 'string' }, json: { type: 'boolean', default: false } } as const;

export const STORE_HELP = `  --store URL     file:///path, s3://bucket/prefix?…, https://host of a server (token in PINPACK_STORE_TOKEN);
                  default: PINPACK_STORE, else your own folder
  --json          prints JSON`;

/** @throws StoreError `STORE_LOCATION_INVALID` */
export function locationOf(store: string | undefined, environment: Environment): StoreLocation {
  const asked = store === undefined ? environment : { ...environment, PINPACK_STORE: store };
  // What is looked at here has nothing to do with what runs may.
  const { location, localFolder } = planStore(undefined, undefined, { ...asked, PINPACK_STORE_MODE: undefined });
  return location ?? { kind: 'folder', folder: localFolder };
}

/** @throws StoreError `STORE_LOCATION_INVALID` */
export async function openStoreOf(store: string | undefined, environment: Environment): Promise<ObjectBackend> {
  return openBackend(locationOf(store, environment), environment);
}

/** @throws UsageError */
export function kindOf(text: string | undefined): EntryKind | undefined {
  const kind = ENTRY_KINDS.find((known) => known === text);
  if (text === undefined || kind !== undefined) return kind;
  throw new UsageError(`"${text}" is not a kind of entry, expected ${ENTRY_KINDS.join(', ')}`);
}

/** @throws UsageError */
export function namespaceOf(text: string | undefined): Namespace | undefined {
  if (text === undefined || isNamespace(text)) return text;
  throw new UsageError(`"${text}" is not a namespace, expected main or branch/<branch>`);
}
