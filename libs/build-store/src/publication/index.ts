// What the plugin uses of publications. What speaks to S3 is loaded when one is opened.
export { publishedBytes, publishedFile } from './files.js';
export { timeOfRelease } from './layout.js';
export type { PublishedFile } from './place.js';
export type { PublicationOptions } from './open-publication.js';
export type { Publication, ReleaseFacts } from './publication.js';
export type { Arrival, Published, PublishOrder } from './publish-release.js';
export type { Release, ReleaseFile } from './release.js';
export type { Retired, RetireOrder } from './retire.js';
