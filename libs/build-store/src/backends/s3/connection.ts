// Sends requests to one bucket. They are signed here and sent by undici directly: the command pipeline of the AWS SDK costs two to three times their
// processor time (docs/decisions/0018-s3-client.md). Only copies are commands of the SDK.
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Dispatcher } from 'undici';
import type { S3Location } from '../../names/store-url.js';
import { StoreError } from '../../store-error.js';
import { knownEndpoint, type BucketEndpoint } from './bucket-endpoint.js';
import { credentialProvider, type CredentialProvider, type Environment } from './credentials.js';
import { createDispatcher } from './dispatcher.js';
import type { S3Limits } from './limits.js';
import { ObjectSigner } from './object-signer.js';
import { isClockSkewed, parseErrorResponse, responseErrorOf } from './response-error.js';

export interface ObjectRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Path of the object below the location's prefix; undefined for the bucket itself. */
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Allows the response as much time as that to an upload. Default: for a request with a body. */
  allowSlowAnswer?: boolean;
  signal: AbortSignal;
}

/** Error documents have a few hundred bytes. */
const DOCUMENT_LIMIT = 64 * 1024;
/** IAM permissions. HEAD needs the same one as GET. */
const LIST_PERMISSION = 's3:ListBucket';
const PERMISSIONS = { GET: 's3:GetObject', HEAD: 's3:GetObject', PUT: 's3:PutObject', DELETE: 's3:DeleteObject' };

export class S3Connection {
  readonly bucket: string;
  private readonly credentials: CredentialProvider;
  private readonly configured: { endpoint: string | undefined; region: string | undefined };
  private readonly dispatcher: Dispatcher;
  private client: Promise<S3Client> | undefined;
  private signer: Promise<ObjectSigner> | undefined;
  /** The server's clock minus the local one. */
  private clockOffsetMs = 0;

  constructor(
    private readonly location: S3Location,
    private readonly label: string,
    environment: Environment,
    private readonly limits: S3Limits,
  ) {
    this.bucket = location.bucket;
    const endpoint = location.endpoint ?? environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
    const region = regionOf(location, endpoint, environment);
    this.configured = { endpoint, region };
    this.credentials = credentialProvider(location, { label, environment, limits, region });
    this.dispatcher = createDispatcher(environment, limits);
  }

  /**
   * Sends a request for one object or the bucket, and returns the response, whose body must be read or destroyed.
   *
   * @throws S3ResponseError for a status other than 200 and 204, and errors of the connection as they are
   */
  async send(request: ObjectRequest): Promise<Dispatcher.ResponseData> {
    const { method, path, query, headers = {}, body, allowSlowAnswer = body !== undefined, signal } = request;
    signal.throwIfAborted();
    const signer = await this.findSigner();
    const unsigned = { method, key: path === undefined ? '' : this.key(path), headers, ...(query && { query }) };
    const signed = await signer.sign(unsigned, new Date(Date.now() + this.clockOffsetMs));
    signal.throwIfAborted();
    const response = await this.dispatcher.request({
      ...signed,
      method,
      body: bodyOf(body),
      signal,
      // Without it undici closes the connection after each HEAD.
      reset: false,
      ...(allowSlowAnswer ? { headersTimeout: this.limits.storedMs } : {}),
    });
    if (response.statusCode === 200 || response.statusCode === 204) return response;
    const document = await readDocument(response.body);
    const error = parseErrorResponse(
      response.statusCode,
      response.headers,
      document,
      path === undefined ? LIST_PERMISSION : PERMISSIONS[method],
    );
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
      return await command(await this.loadClient());
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
    return new ObjectSigner(await this.findEndpoint(), this.credentials);
  }

  private loadClient(): Promise<S3Client> {
    const { location, configured, credentials, dispatcher } = this;
    this.client ??= import('./sdk.js').then(({ createClient }) =>
      createClient({ location, ...configured, credentials, dispatcher }),
    );
    return this.client;
  }

  private async findEndpoint(): Promise<BucketEndpoint> {
    const known = knownEndpoint(this.location, this.configured, process.env);
    if (known !== undefined) return known;
    const { resolveEndpoint } = await import('./sdk.js');
    return resolveEndpoint(await this.loadClient(), this.bucket).catch((cause: unknown) => {
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

function bodyOf(body: ObjectRequest['body']): Readable | Uint8Array | null {
  if (body === undefined || body instanceof Uint8Array) return body ?? null;
  return Readable.from(body, { objectMode: false });
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
