/** Publications: immutable repositories and package indexes in a folder or an S3 bucket, and the pointer to the latest. */
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

/**
 * The publication that a URL names: `file:///folder` or `s3://bucket/prefix?…`. The code that talks to S3 is loaded on demand.
 *
 * @throws StoreError `STORE_LOCATION_INVALID`, before any request
 */
export async function openPublications(url: string, options: PublicationsOptions): Promise<Publications> {
  const { openPublications: open } = await import('./open-publications.js');
  return open(url, options);
}
