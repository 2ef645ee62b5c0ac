// Uploads an object with one PutObject of known length. Its digest is signed, so the server rejects any other content, and S3 stores the
// digest with the object.
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { localFailed } from '../../content/digest.js';
import type { S3Location } from '../../names/store-url.js';
import type { ObjectContent } from '../backend.js';
import type { ObjectRequest, S3Connection } from './connection.js';

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
  const request = { method: 'PUT', path, headers: { ...contentHeaders(content), ...headers }, signal } as const;
  if (content.read !== undefined) return send(connection, { ...request, body: await readContent(path, content.read) });
  const source = new Source(content.open());
  try {
    return await send(connection, { ...request, body: source });
  } catch (error) {
    throw source.error === undefined ? error : localFailed(path, source.error);
  } finally {
    source.stream.destroy();
  }
}

async function send(connection: S3Connection, request: ObjectRequest): Promise<Dispatcher.ResponseData['headers']> {
  const response = await connection.send(request);
  await response.body.dump();
  return response.headers;
}

async function readContent(path: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await read();
  } catch (error) {
    throw localFailed(path, error);
  }
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
