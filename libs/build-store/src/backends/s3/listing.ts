// Reads pages of ListObjectsV2 (Amazon S3 API reference).
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ObjectFacts } from '../backend.js';
import type { S3Connection } from './connection.js';

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

/** @returns undefined when the response is not a listing */
export async function readListingPage(
  connection: S3Connection,
  request: ListingRequest,
): Promise<ListingPage | undefined> {
  const { prefix, token, delimiter, signal } = request;
  const command = new ListObjectsV2Command({
    Bucket: connection.bucket,
    Prefix: prefix,
    // XML cannot represent every key.
    EncodingType: 'url',
    ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
    ...(token === undefined ? {} : { ContinuationToken: token }),
  });
  const page = await connection.run('s3:ListBucket', (client) => client.send(command, { abortSignal: signal }));
  // The SDK reads any other XML document as a page without objects.
  if (page.IsTruncated === undefined) return undefined;
  const objects = (page.Contents ?? []).map(({ Key, Size = NaN, LastModified = new Date(NaN) }) => ({
    path: decodeName(Key),
    size: Size,
    modified: LastModified,
  }));
  const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix }) => decodeName(Prefix));
  return { objects, prefixes, next: page.IsTruncated ? page.NextContinuationToken : undefined };
}

function decodeName(text = ''): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
