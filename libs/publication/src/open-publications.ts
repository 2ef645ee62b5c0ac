// Opens the publications at a URL. The S3 client is loaded on demand.
import { parseStoreUrl, StoreError, type Environment, type StoreLocation } from '@pinpack/build-store';
import { FolderTarget } from './folder-target.js';
import type { PublicationTarget } from './publication-target.js';
import { Publications } from './publications.js';

export interface PublicationsOptions {
  /** Credentials, region and proxies of S3, with the same variables as for a store. */
  environment: Environment;
  /** How often a request to S3 is sent, including the first time. By default 6: publishing must outlast a restart of the server. */
  attempts?: number;
}

const NEXT_STEP = 'Set "publish": { "to": … } among the plugin\'s options in nx.json, or PINPACK_PUBLISH.';

/** @throws StoreError `STORE_LOCATION_INVALID` if nothing can be published at the URL */
export function checkPublicationUrl(url: string): void {
  parseTarget(url);
}

/**
 * @param url - `file:///folder`, or `s3://bucket/prefix?…` with the same options as a store's URL
 * @throws StoreError `STORE_LOCATION_INVALID`, before any request
 */
export async function openPublications(url: string, options: PublicationsOptions): Promise<Publications> {
  return new Publications(await openTarget(url, options));
}

export async function openTarget(
  url: string,
  { environment, attempts }: PublicationsOptions,
): Promise<PublicationTarget> {
  const location = parseTarget(url);
  switch (location.kind) {
    case 'folder':
      return new FolderTarget(location.folder);
    case 's3': {
      const { S3Target } = await import('./s3-target.js');
      return new S3Target(location, { environment, ...(attempts !== undefined && { limits: { attempts } }) });
    }
  }
}

function parseTarget(url: string): Exclude<StoreLocation, { kind: 'http' }> {
  const location = parseStoreUrl(url, NEXT_STEP);
  if (location.kind !== 'http') return location;
  throw new StoreError(
    'STORE_LOCATION_INVALID',
    location.url,
    `publishing is not supported there, expected file:///path or s3://bucket/prefix\n  ${NEXT_STEP}`,
  );
}
