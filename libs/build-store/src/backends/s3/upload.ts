// An upload is one PutObject of known length whose digest is signed, so the server refuses any other content; and S3 keeps the digest with the object.
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { localFailed } from '../../content/digest.js';
import type { S3Location } from '../../names/store-url.js';
import type { ObjectContent } from '../backend.js';
import type { S3Connection } from './connection.js';

export interface Upload {
  path: string;
  content: ObjectContent;
  headers: Record<string, string>;
  signal: AbortSignal;
}

/** @throws S3Refusal, whatever the connection throws, and StoreError `STORE_LOCAL_FAILED` when the content itself can't be read */
export async function upload(
  connection: S3Connection,
  { path, content, headers, signal }: Upload,
): Promise<Dispatcher.ResponseData['headers']> {
  const source = new Source(content.open());
  try {
    const all = { ...contentHeaders(content), ...headers };
    const answer = await connection.send({ method: 'PUT', path, headers: all, body: source, signal });
    await answer.body.dump();
    return answer.headers;
  } catch (error) {
    throw source.fault === undefined ? error : localFailed(path, source.fault);
  } finally {
    source.stream.destroy();
  }
}

/** What the location wants of each object that is written. */
export function encryptionHeaders({ sse, kmsKeyId }: S3Location): Record<string, string> {
  return {
    ...(sse === undefined ? {} : { 'x-amz-server-side-encryption': sse }),
    ...(kmsKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
  };
}

/** As S3 writes a sha256. @param sha256 - in hex */
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

/** Tells a fault of what is sent from a fault of sending: both would end the stream with an error. */
class Source implements AsyncIterable<Uint8Array> {
  fault: unknown;

  constructor(readonly stream: Readable) {
    // It may fail before it is asked for anything, and tells so again when it is.
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
      if (isReading) this.fault = error;
      throw error;
    }
  }
}
