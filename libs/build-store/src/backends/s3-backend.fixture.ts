// A backend on the real S3 server, for specs.
import { parseStoreUrl } from '../names/store-url.js';
import { S3Backend, type S3Options } from './s3-backend.js';

/** Short, since specs wait for each of them. */
export const SHORT_LIMITS = { connectMs: 2000, answerMs: 2000, storedMs: 2000, stallMs: 2000, credentialsMs: 2000 };
/** For requests that end by a time limit in any case. Connecting and finding credentials take their time under load. */
export const HASTY_LIMITS = { ...SHORT_LIMITS, answerMs: 300, storedMs: 300, stallMs: 300 };

export function openS3(
  url: string,
  environment: S3Options['environment'],
  limits: S3Options['limits'] = {},
): S3Backend {
  const location = parseStoreUrl(url);
  if (location.kind !== 's3') throw new Error(`${url} is no bucket`);
  return new S3Backend(location, { environment, limits });
}
