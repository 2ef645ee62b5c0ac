// Copies an object within the bucket, by a command of the AWS SDK.
import { CopyObjectCommand, type ServerSideEncryption } from '@aws-sdk/client-s3';
import type { S3Location } from '../../names/store-url.js';
import type { S3Connection } from './connection.js';
import { S3ResponseError } from './response-error.js';

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
