// Sends requests to one bucket. Listing and copying use the commands of the AWS SDK. GET, HEAD, PUT and DELETE of one object are signed here
// and sent by undici directly: the SDK's command pipeline costs two to three times their processor time (docs/decisions/0018-s3-client.md).
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import type { Dispatcher } from 'undici';
import type { S3Location } from '../../names/store-url.js';
import { StoreError } from '../../store-error.js';
import { credentialProvider, type CredentialProvider, type Environment } from './credentials.js';
import { createDispatcher } from './dispatcher.js';
import type { S3Limits } from './limits.js';
import { ObjectSigner } from './object-signer.js';
import { isClockSkewed, parseErrorResponse, responseErrorOf } from './response-error.js';

export interface ObjectRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Path of the object below the location's prefix. */
  path: string;
  headers?: Record<string, string>;
  body?: AsyncIterable<Uint8Array>;
  /** Allows the response as much time as that to an upload. Default: for a request with a body. */
  allowSlowAnswer?: boolean;
  signal: AbortSignal;
}

/** Error documents have a few hundred bytes. */
const DOCUMENT_LIMIT = 64 * 1024;
/** IAM permissions. HEAD needs the same one as GET. */
const PERMISSIONS = { GET: 's3:GetObject', HEAD: 's3:GetObject', PUT: 's3:PutObject', DELETE: 's3:DeleteObject' };

export class S3Connection {
  readonly bucket: string;
  private readonly credentials: CredentialProvider;
  private readonly client: S3Client;
  private readonly dispatcher: Dispatcher;
  private signer: Promise<ObjectSigner> | undefined;
  /** The server's clock minus the local one. */
  private clockOffsetMs = 0;

  constructor(
    private readonly location: S3Location,
    private readonly label: string,
    environment: Environment,
    private readonly limits: S3Limits,
  ) {
    // The SDK warns that its future releases need another Node, which nobody who runs this release can act on.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    this.bucket = location.bucket;
    const endpoint = location.endpoint ?? environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
    const region = regionOf(location, endpoint, environment);
    this.credentials = credentialProvider(location, { label, environment, limits, region });
    this.dispatcher = createDispatcher(environment, limits);
    this.client = new S3Client({
      forcePathStyle: location.pathStyle,
      credentials: this.credentials,
      requestHandler: new UndiciHttpHandler({ dispatcher: this.dispatcher }),
      // `attempts` retries, and it also covers the body of the response.
      maxAttempts: 1,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(location.profile === undefined ? {} : { profile: location.profile }),
    });
  }

  /**
   * Sends a request for one object and returns the response, whose body must be read or destroyed.
   *
   * @throws S3ResponseError for a status other than 200 and 204, and errors of the connection as they are
   */
  async send(request: ObjectRequest): Promise<Dispatcher.ResponseData> {
    const { method, path, headers = {}, body, allowSlowAnswer = body !== undefined, signal } = request;
    signal.throwIfAborted();
    const signer = await this.findSigner();
    const signed = await signer.sign(method, this.key(path), headers, new Date(Date.now() + this.clockOffsetMs));
    signal.throwIfAborted();
    const response = await this.dispatcher.request({
      ...signed,
      method,
      body: body === undefined ? null : Readable.from(body, { objectMode: false }),
      signal,
      // Without it undici closes the connection after each HEAD.
      reset: false,
      ...(allowSlowAnswer ? { headersTimeout: this.limits.storedMs } : {}),
    });
    if (response.statusCode === 200 || response.statusCode === 204) return response;
    const document = await readDocument(response.body);
    const error = parseErrorResponse(response.statusCode, response.headers, document, PERMISSIONS[method]);
    if (isClockSkewed(error)) this.clockOffsetMs = error.date.getTime() - Date.now();
    throw error;
  }

  /**
   * Runs a command of the AWS SDK.
   *
   * @param permission - the IAM permission that the command needs, for the message
   * @throws S3ResponseError for an error response, and errors of the connection as they are
   */
  async run<T>(permission: string, command: (client: S3Client) => Promise<T>): Promise<T> {
    try {
      return await command(this.client);
    } catch (error) {
      throw responseErrorOf(error, permission);
    }
  }

  /** Key of an object in the bucket. */
  key(path: string): string {
    return this.location.prefix === '' ? path : `${this.location.prefix}/${path}`;
  }

  private findSigner(): Promise<ObjectSigner> {
    this.signer ??= this.createSigner().catch((error: unknown) => {
      this.signer = undefined;
      throw error;
    });
    return this.signer;
  }

  private async createSigner(): Promise<ObjectSigner> {
    // First, so that missing credentials are not reported as an unknown endpoint.
    await this.credentials();
    return ObjectSigner.create(this.client, this.bucket, this.credentials).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `the bucket's endpoint is unknown (${reason}). Add region=… to the URL, or set AWS_REGION`;
      throw new StoreError('STORE_LOCATION_INVALID', this.label, message, { cause });
    });
  }
}

/** undefined leaves the region to the user's AWS configuration. */
function regionOf({ region }: S3Location, endpoint: string | undefined, environment: Environment) {
  const configured = region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  // S3-compatible servers have one region, which goes by this name.
  return configured ?? (endpoint === undefined ? undefined : 'us-east-1');
}

async function readDocument(body: Dispatcher.ResponseData['body']): Promise<string> {
  try {
    return Buffer.from((await readWhole(body, DOCUMENT_LIMIT)) ?? []).toString();
  } catch {
    // The status alone still identifies most errors.
    return '';
  }
}

/** Reads a body of at most `limit` bytes; undefined if it is longer. */
export async function readWhole(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys the body and its connection.
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
