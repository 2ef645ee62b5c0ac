/** Publications: immutable repositories and package indexes in a folder or an S3 bucket, with a pointer to the latest one. */
import type { PublicationsOptions } from './open-publications.js';
import type { Publications } from './publications.js';

export { publishedBytes, publishedFile } from './published-files.js';
export { publicationTime } from './publication-paths.js';
export type { PublishedFile } from './publication-target.js';
export type { PublicationsOptions } from './open-publications.js';
export type { Publications } from './publications.js';
export type { PublicationFacts } from './publications-reader.js';
export type { Arrival, Published, PublishRequest } from './publish.js';
export type { PublicationRecord, PublicationFile } from './publication-record.js';
export type { Retired, RetireRequest } from './retire.js';

/** @throws StoreError `STORE_LOCATION_INVALID` if nothing can be published at the URL */
export async function checkPublicationUrl(url: string): Promise<void> {
  const { checkPublicationUrl: check } = await import('./open-publications.js');
  check(url);
}

/**
 * Opens the publications at a URL: `file:///folder` or `s3://bucket/prefix?…`. The S3 client is loaded on demand.
 *
 * @throws StoreError `STORE_LOCATION_INVALID`, before any request
 */
export async function openPublications(url: string, options: PublicationsOptions): Promise<Publications> {
  const { openPublications: open } = await import('./open-publications.js');
  return open(url, options);
}
