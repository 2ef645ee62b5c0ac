// Reads pages of ListObjectsV2 (Amazon S3 API reference).
import type { ObjectFacts } from '../backend.js';
import { readWhole, type S3Connection } from './connection.js';
import { childrenOf, parseDocument, textOf } from './xml.js';

export interface ListingPage {
  /** Their paths are keys of the bucket. */
  objects: ObjectFacts[];
  /** With a delimiter: the part of longer keys up to and including the delimiter, each once. */
  prefixes: string[];
  /** Token of the next page; undefined on the last page. */
  next: string | undefined;
}

export interface ListingRequest {
  /** Prefix of the keys of the bucket. */
  prefix: string;
  token: string | undefined;
  delimiter?: '/';
  signal: AbortSignal;
}

/** A page has at most 1000 keys of at most 1 KiB, escaped. */
export const LISTING_BYTES = 4 << 20;

/** @returns undefined when the response is not a listing */
export async function readListingPage(
  connection: S3Connection,
  { prefix, token, delimiter, signal }: ListingRequest,
): Promise<ListingPage | undefined> {
  const query = {
    'list-type': '2',
    // XML cannot represent every key.
    'encoding-type': 'url',
    prefix,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(token === undefined ? {} : { 'continuation-token': token }),
  };
  const { body } = await connection.send({ method: 'GET', query, signal });
  const document = await readWhole(body, LISTING_BYTES);
  return document && parseListing(document.toString());
}

/** A proxy's page must not look like an empty bucket. */
function parseListing(document: string): ListingPage | undefined {
  const root = parseDocument(document);
  const isTruncated = root && textOf(root, 'IsTruncated');
  if (root?.name !== 'ListBucketResult' || (isTruncated !== 'true' && isTruncated !== 'false')) return undefined;
  const objects = childrenOf(root, 'Contents').map((entry) => ({
    path: decodeName(textOf(entry, 'Key')),
    size: Number(textOf(entry, 'Size') ?? NaN),
    modified: new Date(textOf(entry, 'LastModified') ?? NaN),
  }));
  const prefixes = childrenOf(root, 'CommonPrefixes').map((entry) => decodeName(textOf(entry, 'Prefix')));
  return { objects, prefixes, next: isTruncated === 'true' ? textOf(root, 'NextContinuationToken') : undefined };
}

function decodeName(text = ''): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
