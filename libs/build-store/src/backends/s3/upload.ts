// Uploads an object with one PutObject of known length. Its digest is signed, so the server rejects any other content, and S3 stores the
// digest with the object. Copies an object within the bucket.
import type { Readable } from 'node:stream';
import { CopyObjectCommand, type ServerSideEncryption } from '@aws-sdk/client-s3';
import type { Dispatcher } from 'undici';
import { localFailed } from '../../content/digest.js';
import type { S3Location } from '../../names/store-url.js';
import type { ObjectContent } from '../backend.js';
import type { S3Connection } from './connection.js';
import { S3ResponseError } from './response-error.js';

export interface Upload {
  path: string;
  content: ObjectContent;
  headers: Record<string, string>;
  signal: AbortSignal;
}

/** @throws S3ResponseError, errors of the connection as they are, and StoreError `STORE_LOCAL_FAILED` when the content cannot be read */
export async function upload(
  connection: S3Connection,
  { path, content, headers, signal }: Upload,
): Promise<Dispatcher.ResponseData['headers']> {
  const source = new Source(content.open());
  try {
    const all = { ...contentHeaders(content), ...headers };
    const response = await connection.send({ method: 'PUT', path, headers: all, body: source, signal });
    await response.body.dump();
    return response.headers;
  } catch (error) {
    throw source.error === undefined ? error : localFailed(path, source.error);
  } finally {
    source.stream.destroy();
  }
}

export interface Copy {
  from: string;
  /** ETag that the source must have. */
  etag: string;
  to: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Lets the server copy an object. @throws S3ResponseError, also for an error that follows the status 200 */
export async function copyObject(
  connection: S3Connection,
  { sse, kmsKeyId }: S3Location,
  { from, etag, to, timeoutMs, signal }: Copy,
): Promise<void> {
  const command = new CopyObjectCommand({
    Bucket: connection.bucket,
    Key: connection.key(to),
    CopySource: `${connection.bucket}/${connection.key(from)}`.split('/').map(encodeURIComponent).join('/'),
    CopySourceIfMatch: etag,
    ...(sse === undefined ? {} : { ServerSideEncryption: sse as ServerSideEncryption }),
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
  });
  const options = { abortSignal: signal, requestTimeout: timeoutMs };
  const { CopyObjectResult: result } = await connection.run('s3:PutObject', (client) => client.send(command, options));
  // The SDK reads any other XML document as a result without fields.
  if (result?.ETag === undefined) throw new S3ResponseError({ status: 200 });
}

/** Headers that request the location's server-side encryption for a new object. */
export function encryptionHeaders({ sse, kmsKeyId }: S3Location): Record<string, string> {
  return {
    ...(sse === undefined ? {} : { 'x-amz-server-side-encryption': sse }),
    ...(kmsKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
  };
}

/** S3's notation of a sha256. @param sha256 - in hex */
export function checksumOf(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('base64');
}

function contentHeaders({ size, sha256 }: ObjectContent): Record<string, string> {
  return {
    'content-length': `${size}`,
    'x-amz-content-sha256': sha256,
    'x-amz-checksum-sha256': checksumOf(sha256),
  };
}

/** Distinguishes an error of reading the content from one of sending it: both end the stream with an error. */
class Source implements AsyncIterable<Uint8Array> {
  error: unknown;

  constructor(readonly stream: Readable) {
    // The stream may fail before it is read. Reading it reports the error again.
    stream.on('error', () => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let isReading = true;
    try {
      for await (const chunk of this.stream as AsyncIterable<Uint8Array>) {
        isReading = false;
        yield chunk;
        isReading = true;
      }
    } catch (error) {
      if (isReading) this.error = error;
      throw error;
    }
  }
}
