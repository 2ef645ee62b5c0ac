// Signed requests to one bucket. The SDK finds credentials, region and endpoint, and signs (Signature Version 4); undici sends: together a
// quarter of the processor time of the SDK's own way (docs/store-s3.md, "How it is done").
import { Readable } from 'node:stream';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import type { S3Location } from '../../names/store-url.js';
import { StoreError } from '../../store-error.js';
import { within, type S3Limits } from './limits.js';
import { isClockSkewed, parseRefusal } from './refusal.js';

type Environment = Record<string, string | undefined>;

export interface S3Request {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Of the object, below the location's prefix; none for the bucket itself. */
  path?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: AsyncIterable<Uint8Array>;
  /** Nobody waits: an answer may take as long as one to a body. */
  isPatient?: boolean;
  signal: AbortSignal;
}

interface Target {
  /** Of the bucket. */
  url: URL;
  signer: Awaited<ReturnType<S3Client['config']['signer']>>;
}

/** Error documents are of a few hundred bytes. */
const DOCUMENT_LIMIT = 64 * 1024;
const CONNECTIONS = 64;
/** Of IAM. For an object's head the same is asked as for its body. */
const RIGHTS = { GET: 's3:GetObject', HEAD: 's3:GetObject', PUT: 's3:PutObject', DELETE: 's3:DeleteObject' };
const FAILURE_KEPT_MS = 30_000;
const NO_CREDENTIALS = `no AWS credentials were found
  expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, a web identity, or an instance's role`;

export class S3Connection {
  private readonly endpoint: string | undefined;
  private readonly client: S3Client;
  private readonly dispatcher: Dispatcher;
  private target: Promise<Target> | undefined;
  private noCredentials: { error: StoreError; until: number } | undefined;

  constructor(
    private readonly location: S3Location,
    private readonly label: string,
    environment: Environment,
    private readonly limits: S3Limits,
  ) {
    this.endpoint = location.endpoint ?? environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
    // A note on releases of the SDK to come, which nobody who runs this one can do anything about.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    this.client = new S3Client(clientConfig(location, this.endpoint, environment));
    this.dispatcher = dispatcherOf(environment, limits);
  }

  /**
   * Sends one request and gives its answer, whose body must be read or destroyed.
   *
   * @throws S3Refusal for an answer that isn't 200 or 204, and whatever the connection throws
   */
  async send(request: S3Request): Promise<Dispatcher.ResponseData> {
    const { method, path, query = {}, headers = {}, body, isPatient = body !== undefined, signal } = request;
    signal.throwIfAborted();
    const { url } = await this.findTarget();
    const pathname = `${url.pathname.replace(/\/$/, '')}/${path === undefined ? '' : escapePath(this.key(path))}`;
    const signed = await this.sign(method, pathname, query, headers);
    signal.throwIfAborted();
    const answer = await this.dispatcher.request({
      origin: url.origin,
      path: withQuery(pathname, query),
      method,
      headers: signed,
      body: body === undefined ? null : Readable.from(body, { objectMode: false }),
      signal,
      headersTimeout: isPatient ? this.limits.storedMs : this.limits.answerMs,
      bodyTimeout: this.limits.stallMs,
    });
    if (answer.statusCode === 200 || answer.statusCode === 204) return answer;
    const document = await readDocument(answer.body);
    const right = path === undefined ? 's3:ListBucket' : RIGHTS[method];
    const refusal = parseRefusal(answer.statusCode, answer.headers, document, right);
    if (isClockSkewed(refusal)) this.client.config.systemClockOffset = refusal.date.getTime() - Date.now();
    throw refusal;
  }

  /** Of an object, in the bucket. */
  key(path: string): string {
    return this.location.prefix === '' ? path : `${this.location.prefix}/${path}`;
  }

  private async sign(method: string, path: string, query: Record<string, string>, headers: Record<string, string>) {
    const { url, signer } = await this.findTarget();
    await this.findCredentials();
    const { protocol, hostname, port, host } = url;
    const signingDate = new Date(Date.now() + this.client.config.systemClockOffset);
    const signed = await signer.sign(
      {
        ...{ method, protocol, hostname, path, query },
        ...(port === '' ? {} : { port: Number(port) }),
        headers: { host, 'user-agent': 'pinpack', ...headers },
      },
      { signingDate },
    );
    return signed.headers;
  }

  private findTarget(): Promise<Target> {
    this.target ??= this.resolveTarget();
    return this.target;
  }

  private async resolveTarget(): Promise<Target> {
    const { config } = this.client;
    const { bucket, pathStyle } = this.location;
    const region = await config.region().catch((cause: unknown) => {
      const message = 'no region is set. Add region=… to the URL, or set AWS_REGION';
      throw new StoreError('STORE_LOCATION_INVALID', this.label, message, { cause });
    });
    const { url } = config.endpointProvider({
      Bucket: bucket,
      Region: region,
      ForcePathStyle: pathStyle,
      UseFIPS: await config.useFipsEndpoint(),
      UseDualStack: await config.useDualstackEndpoint(),
      ...(this.endpoint === undefined ? {} : { Endpoint: this.endpoint }),
    });
    return { url, signer: await config.signer() };
  }

  /** The chain's last link asks the instance's metadata service, which may not answer at all: once in a while, and not for long. */
  private async findCredentials(): Promise<void> {
    if (this.noCredentials !== undefined && Date.now() < this.noCredentials.until) throw this.noCredentials.error;
    try {
      await within(this.limits.credentialsMs, this.client.config.credentials());
    } catch (cause) {
      const error = new StoreError('STORE_FORBIDDEN', this.label, NO_CREDENTIALS, { cause });
      this.noCredentials = { error, until: Date.now() + FAILURE_KEPT_MS };
      throw error;
    }
  }
}

function clientConfig(location: S3Location, endpoint: string | undefined, environment: Environment): S3ClientConfig {
  const region = location.region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const sessionToken = environment.AWS_SESSION_TOKEN;
  const config: S3ClientConfig = { forcePathStyle: location.pathStyle };
  if (endpoint !== undefined) config.endpoint = endpoint;
  // Servers that aren't Amazon's have one region, by this name.
  if (region !== undefined || endpoint !== undefined) config.region = region ?? 'us-east-1';
  if (location.profile !== undefined) config.profile = location.profile;
  else if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    config.credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  }
  return config;
}

function dispatcherOf(environment: Environment, { connectMs }: S3Limits): Dispatcher {
  const httpProxy = environment.http_proxy ?? environment.HTTP_PROXY ?? '';
  const httpsProxy = environment.https_proxy ?? environment.HTTPS_PROXY ?? '';
  const options = { connections: CONNECTIONS, connect: { timeout: connectMs } };
  if (httpProxy === '' && httpsProxy === '') return new Agent(options);
  const noProxy = environment.no_proxy ?? environment.NO_PROXY ?? '';
  return new EnvHttpProxyAgent({ ...options, httpProxy, httpsProxy, noProxy });
}

/** As Signature Version 4 wants it: everything but letters, digits and `-._~`. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function escapePath(key: string): string {
  return key.split('/').map(escapeText).join('/');
}

function withQuery(path: string, query: Record<string, string>): string {
  const fields = Object.entries(query).map(([name, value]) => `${escapeText(name)}=${escapeText(value)}`);
  return fields.length === 0 ? path : `${path}?${fields.join('&')}`;
}

async function readDocument(body: Dispatcher.ResponseData['body']): Promise<string> {
  try {
    return Buffer.from((await readWhole(body, DOCUMENT_LIMIT)) ?? []).toString();
  } catch {
    // The status says enough.
    return '';
  }
}

/** A body of no more than `limit` bytes; undefined for one of more. */
export async function readWhole(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys the body, and with it the connection.
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
