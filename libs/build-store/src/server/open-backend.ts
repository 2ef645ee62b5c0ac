// The backend of a store's location, for the server and the command. What speaks to a network is loaded when it's needed.
import type { ObjectBackend } from '../backend/backend.js';
import { FolderBackend } from '../backend/folder-backend.js';
import { describeLocation, type StoreLocation } from '../location.js';
import type { Environment } from '../store/plan-store.js';
import { StoreError } from '../store-error.js';

export async function openBackend(location: StoreLocation, environment: Environment): Promise<ObjectBackend> {
  if (location.kind === 'folder') return new FolderBackend(location.folder);
  if (location.kind === 'http') {
    const { HttpBackend } = await import('../backend/http-backend.js');
    return new HttpBackend(location, environment.PINPACK_STORE_TOKEN);
  }
  throw new StoreError('STORE_LOCATION_INVALID', describeLocation(location), 'not yet');
}
