// The parts of the AWS SDK that send requests or choose an endpoint. Loaded on demand: loading takes 0.1 seconds of processor time, in each process of a run.
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import type { Dispatcher } from 'undici';
import type { S3Location } from '../../names/store-url.js';
import type { BucketEndpoint } from './bucket-endpoint.js';
import type { CredentialProvider } from './credentials.js';

export interface ClientOptions {
  location: S3Location;
  endpoint: string | undefined;
  region: string | undefined;
  credentials: CredentialProvider;
  dispatcher: Dispatcher;
}

/** Any key: only the part of the presigned URL before it is used. */
const PROBE_KEY = '-';

export function createClient({ location, endpoint, region, credentials, dispatcher }: ClientOptions): S3Client {
  // The SDK warns that its future releases need another Node, which nobody who runs this release can act on.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return new S3Client({
    forcePathStyle: location.pathStyle,
    credentials,
    requestHandler: new UndiciHttpHandler({ dispatcher }),
    // `attempts` retries, and it also covers the body of the response.
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(location.profile === undefined ? {} : { profile: location.profile }),
  });
}

/** Lets the SDK resolve endpoint and region, which it publishes in a presigned URL only. */
export async function resolveEndpoint(client: S3Client, bucket: string): Promise<BucketEndpoint> {
  const presigned = await getSignedUrl(client, new HeadObjectCommand({ Bucket: bucket, Key: PROBE_KEY }));
  // The credential scope ends with <region>/s3/aws4_request.
  const region = new URL(presigned).searchParams.get('X-Amz-Credential')?.split('/').at(-3);
  if (region === undefined) throw new Error('the presigned URL of the AWS SDK has no credential scope');
  return { url: new URL('.', presigned), region };
}
