// Signs requests for the objects of one bucket with Signature Version 4 ("Authenticating requests" of the Amazon S3 API reference).
import { createHash, createHmac } from 'node:crypto';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';
import type { CredentialProvider } from './credentials.js';

/** Any key: only the part of the presigned URL before it is used. */
const PROBE_KEY = '-';

export interface SignedRequest {
  origin: string;
  path: string;
  headers: Record<string, string>;
}

export class ObjectSigner {
  private constructor(
    /** URL of the bucket, with a slash at its end. */
    private readonly url: URL,
    private readonly signature: SignatureV4,
  ) {}

  /** Lets the SDK resolve endpoint and region, which it publishes in a presigned URL only. */
  static async create(client: S3Client, bucket: string, credentials: CredentialProvider): Promise<ObjectSigner> {
    const presigned = await getSignedUrl(client, new HeadObjectCommand({ Bucket: bucket, Key: PROBE_KEY }));
    // The credential scope ends with <region>/s3/aws4_request.
    const region = new URL(presigned).searchParams.get('X-Amz-Credential')?.split('/').at(-3);
    if (region === undefined) throw new Error('the presigned URL of the AWS SDK has no credential scope');
    const signature = new SignatureV4({ service: 's3', region, credentials, sha256: Sha256, uriEscapePath: false });
    return new ObjectSigner(new URL('.', presigned), signature);
  }

  async sign(method: string, key: string, headers: Record<string, string>, signingDate: Date): Promise<SignedRequest> {
    const { protocol, hostname, port, host, origin, pathname } = this.url;
    const path = `${pathname}${key.split('/').map(escapeSegment).join('/')}`;
    const request = {
      ...{ method, protocol, hostname, path, query: {} },
      ...(port === '' ? {} : { port: Number(port) }),
      headers: { host, 'user-agent': 'pinpack', ...headers },
    };
    const signed = await this.signature.sign(request, { signingDate });
    return { origin, path, headers: signed.headers };
  }
}

/** As Signature Version 4 requires: everything but letters, digits and `-._~` is escaped. */
function escapeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The hash that SignatureV4 expects, on `node:crypto`. With a secret it is an HMAC. */
class Sha256 {
  private readonly hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: Bytes) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', viewOf(secret));
  }

  update(data: Bytes): void {
    this.hash.update(viewOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }
}

type Bytes = string | ArrayBuffer | ArrayBufferView;

function viewOf(data: Bytes): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
