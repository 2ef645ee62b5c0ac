// HTTP requests to package indexes: proxies, redirects, retries, certificate authorities, credentials, compression, and limits on time and size.
import { readFile } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import pLimit from 'p-limit';
import type { Dispatcher } from 'undici';
import { distError, type DistError } from '../dist-error.js';
import { DEFAULT_LIMITS, type Limits } from '../limits/limits.js';
import type { IndexConfiguration } from './index-configuration.js';
import { credentialsFor, type Credentials } from './netrc.js';
import { redact, splitCredentials } from './redact.js';
import { RequestWatch, type RequestLimits } from './request-watch.js';

/** uv asks for all pages and METADATA at once, and servers and proxies delay or refuse too many connections. */
const READS_AT_ONCE = 16;
const HEADERS_TIMEOUT_MS = 30_000;
/** Between two chunks of a body: slow connections are accepted, stalled ones are not. */
const BODY_TIMEOUT_MS = 60_000;

export interface TransportOptions {
  limits?: Limits;
  /** In milliseconds, before the first of three retries; each pause is twice the previous one. */
  firstPause?: number;
  /** The period in milliseconds over which the rate of a response is averaged. */
  rateWindowMs?: number;
  /** The workspace's root, for files of the workspace. Default: the current folder. */
  root?: string;
}

export interface IndexRequest {
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  applied: RequestLimits;
}

/** A response whose body has not been read. Read `chunks` to the end, or call `close`. */
export interface IndexResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The URL after redirects. */
  url: string;
  /** @throws DistError `DIST_INDEX_UNREACHABLE`, `DIST_INDEX_TOO_SLOW`, `DIST_INDEX_TOO_LARGE` */
  chunks: () => AsyncGenerator<Buffer, void, undefined>;
  close: () => void;
}

export class IndexTransport {
  readonly limits: Limits;
  /** The workspace's root, for files of the workspace. */
  readonly root: string;
  readonly #options: Required<Pick<TransportOptions, 'firstPause' | 'rateWindowMs'>>;
  readonly #reads = pLimit(READS_AT_ONCE);
  #dispatcher: Promise<Dispatcher> | undefined;

  constructor(
    readonly configuration: IndexConfiguration,
    { limits = DEFAULT_LIMITS, firstPause = 500, rateWindowMs = 60_000, root = '.' }: TransportOptions = {},
  ) {
    this.limits = limits;
    this.root = root;
    this.#options = { firstPause, rateWindowMs };
  }

  /** Calls `read` when few others are running. It must not call this or the other `read`. */
  inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.#reads(read);
  }

  /** The whole body, decompressed. */
  read(url: string, request: IndexRequest): Promise<Omit<IndexResponse, 'chunks' | 'close'> & { body: Buffer }> {
    return this.inTurn(() => this.#readNow(url, request));
  }

  async #readNow(
    url: string,
    request: IndexRequest,
  ): Promise<Omit<IndexResponse, 'chunks' | 'close'> & { body: Buffer }> {
    const headers = { 'accept-encoding': 'gzip, br', ...request.headers };
    const { chunks, close, ...response } = await this.open(url, { ...request, headers }, true);
    try {
      const pieces: Buffer[] = [];
      for await (const piece of chunks()) pieces.push(piece);
      return { ...response, body: Buffer.concat(pieces) };
    } finally {
      close();
    }
  }

  /** @param decompress - whether `chunks` are decompressed; without it they are as they were sent */
  async open(
    url: string,
    { method = 'GET', headers = {}, applied }: IndexRequest,
    decompress = false,
  ): Promise<IndexResponse> {
    // Imported lazily: every nx command loads this package, and few commands use an index.
    const { request } = await import('undici');
    this.#dispatcher ??= createDispatcher(this.configuration, this.#options.firstPause);
    const watch = new RequestWatch(url, applied, { limits: this.limits, rateWindowMs: this.#options.rateWindowMs });
    const { target, authorization } = this.#authorize(url);
    try {
      const response = await request(target, {
        method,
        dispatcher: await this.#dispatcher,
        headers: { 'accept-encoding': 'identity', ...headers, ...authorization, 'user-agent': 'pinpack' },
        headersTimeout: HEADERS_TIMEOUT_MS,
        bodyTimeout: BODY_TIMEOUT_MS,
        signal: watch.signal,
      });
      return describe(response, watch, { url, decompress, isHead: method === 'HEAD' });
    } catch (cause) {
      watch.stop();
      throw watch.error ?? unreachable(url, describeError(cause), cause);
    }
  }

  /** Files on the host of an index need its credentials too, but absolute URLs on its pages do not contain them. */
  #authorize(url: string): { target: string; authorization: Record<string, string> } {
    const { url: target, credentials } = splitCredentials(url);
    const { origin, hostname } = new URL(target);
    const { indexes, netrc } = this.configuration;
    const found =
      credentials ??
      indexes.find((index) => new URL(index.url).origin === origin && index.credentials !== undefined)?.credentials ??
      (netrc && credentialsFor(netrc, hostname));
    return { target, authorization: found === undefined ? {} : basicAuthorization(found) };
  }
}

function basicAuthorization({ username, password }: Credentials): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

interface Described {
  url: string;
  decompress: boolean;
  isHead: boolean;
}

function describe(
  { statusCode, headers, body, context }: Dispatcher.ResponseData,
  watch: RequestWatch,
  { url, decompress, isHead }: Described,
): IndexResponse {
  const close = (): void => {
    watch.stop();
    body.on('error', () => undefined).destroy();
  };
  try {
    watch.begin(isHead ? undefined : headers['content-length']);
    const decoder = decompress ? decoderOf(url, headers['content-encoding']) : undefined;
    return {
      status: statusCode,
      headers,
      url: lastUrl(context) ?? url,
      close,
      chunks: () => readChunks({ url, watch, body, decoder, close }),
    };
  } catch (error) {
    close();
    throw error;
  }
}

interface Reading {
  url: string;
  watch: RequestWatch;
  body: Readable;
  decoder: NodeJS.ReadWriteStream | undefined;
  close: () => void;
}

async function* readChunks({ url, watch, body, decoder, close }: Reading): AsyncGenerator<Buffer, void, undefined> {
  let total = 0;
  try {
    const counted = countReceived(body, watch);
    const pieces =
      decoder === undefined ? counted : (pipeline(counted, decoder, () => undefined) as AsyncIterable<Buffer>);
    for await (const piece of pieces) {
      total += piece.length;
      if (decoder !== undefined) watch.decompressed(total);
      yield piece;
    }
  } catch (cause) {
    throw watch.error ?? connectionLost(url, cause);
  } finally {
    close();
  }
}

async function* countReceived(body: Readable, watch: RequestWatch): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of body as AsyncIterable<Buffer>) {
    watch.received(piece.length);
    yield piece;
  }
}

function decoderOf(url: string, encoding: string | string[] | undefined): NodeJS.ReadWriteStream | undefined {
  const name = String(encoding ?? 'identity')
    .trim()
    .toLowerCase();
  switch (name) {
    case 'identity':
    case '':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw unreachable(url, `answered with the content encoding ${JSON.stringify(name)}, expected gzip, br or none`);
  }
}

/** The URL after redirects: the base of the page's relative URLs. */
function lastUrl(context: unknown): string | undefined {
  return (context as { history?: URL[] } | undefined)?.history?.at(-1)?.href;
}

/** After the last retry the message of undici's error lacks the status, which is a field of the error. */
function describeError(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { statusCode } = cause as { statusCode?: number };
  return statusCode === undefined ? cause.message : `answered with status ${statusCode}`;
}

/** Supports proxies from the environment, redirects, retries of temporary errors, and pip's certificate authorities. */
async function createDispatcher({ certificates }: IndexConfiguration, firstPause: number): Promise<Dispatcher> {
  const { EnvHttpProxyAgent, interceptors } = await import('undici');
  // Parsed once: with `ca`, every connection parses all of them, and uv's requests open many.
  const connect =
    certificates === undefined
      ? {}
      : { secureContext: createSecureContext({ ca: await readFile(certificates, 'utf8') }) };
  return new EnvHttpProxyAgent({ connect, requestTls: connect }).compose(
    interceptors.redirect({ maxRedirections: 5 }),
    interceptors.retry({ maxRetries: 3, minTimeout: firstPause, maxTimeout: 5_000 }),
  );
}

function connectionLost(url: string, cause: unknown): DistError {
  const isDecoding = cause instanceof Error && 'code' in cause && /^(?:Z_|ERR_(?:_|BROTLI))/.test(String(cause.code));
  const found = isDecoding
    ? 'the compressed response is damaged'
    : 'the connection was closed before the end of the response';
  return unreachable(url, found, cause);
}

export function unreachable(url: string, found: string, cause?: unknown): DistError {
  const shown = redact(url);
  const next =
    'Check the network, the proxy (HTTPS_PROXY) and the index that pip or uv is configured with, then run again.';
  return distError(shown, 'DIST_INDEX_UNREACHABLE', [found, next], { cause });
}
