/** Publications: immutable repositories and package indexes in a folder or an S3 bucket, and the pointer to the latest. */
import type { PublicationOptions } from './open-publication.js';
import type { Publication } from './publication.js';

export { publishedBytes, publishedFile } from './published-files.js';
export { timeOfRelease } from './publication-paths.js';
export type { PublishedFile } from './publication-target.js';
export type { PublicationOptions } from './open-publication.js';
export type { Publication } from './publication.js';
export type { ReleaseFacts } from './publication-reader.js';
export type { Arrival, Published, PublishRequest } from './publish.js';
export type { Release, ReleaseFile } from './publication-record.js';
export type { Retired, RetireRequest } from './retire.js';

/**
 * The publication that a URL names: `file:///folder` or `s3://bucket/prefix?…`. The code that talks to S3 is loaded on demand.
 *
 * @throws StoreError `STORE_LOCATION_INVALID`, before any request
 */
export async function openPublication(url: string, options: PublicationOptions): Promise<Publication> {
  const { openPublication: open } = await import('./open-publication.js');
  return open(url, options);
}
