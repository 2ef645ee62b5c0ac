// HTTP requests to package indexes: proxies, redirects, retries, certificate authorities, credentials, compression, and limits on time and size.
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import pLimit from 'p-limit';
import type { Dispatcher } from 'undici';
import { DistError } from '../dist-error.js';
import { DEFAULT_LIMITS, MIB, type Limits } from '../limits/limits.js';
import type { IndexConfiguration } from './index-configuration.js';
import { describeResponse, unreachable, type IndexResponse } from './index-response.js';
import { credentialsFor, type Credentials } from './netrc.js';
import { splitCredentials } from './redact.js';
import { RequestWatch, type RequestLimits } from './request-watch.js';

/** uv asks for all pages and METADATA at once, and servers and proxies delay or refuse too many connections. */
const READS_AT_ONCE = 16;
/** Before the headers, and between two chunks of a body: slow connections are accepted, stalled ones are not. */
const STALL_MS = 30_000;
const RETRIES = 3;
/**
 * Bytes of a body that wait to be read. undici 7 ends the process if a server closes the connection after its response, as those of HTTP/1.0 do, while the
 * body waits beyond this limit (nodejs/undici#5360; its later releases need Node 22). Its default is 64 KiB.
 */
const WAITING_BYTES = 64 * MIB;
/** Those of undici that are temporary, and time limits. */
const RETRIED = [
  ...['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH', 'EPIPE'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'],
];

export interface TransportOptions {
  limits?: Limits;
  /** In milliseconds, before the first of three retries; each pause is twice the previous one. */
  firstPause?: number;
  /** The period in milliseconds over which the rate of a response is averaged. */
  rateWindowMs?: number;
  /** The workspace's root, for files of the workspace. Default: the current folder. */
  root?: string;
  /** In milliseconds: a connection without data for this time has stalled. */
  stallMs?: number;
}

export interface IndexRequest {
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  applied: RequestLimits;
  /** The start of the first attempt, from which the time is limited; by `Date.now()`. */
  since?: number;
}

export type WholeResponse = Omit<IndexResponse, 'chunks' | 'close'> & { body: Buffer };

export class IndexTransport {
  readonly limits: Limits;
  /** The workspace's root, for files of the workspace. */
  readonly root: string;
  readonly #options: Required<Pick<TransportOptions, 'firstPause' | 'rateWindowMs' | 'stallMs'>>;
  readonly #reads = pLimit(READS_AT_ONCE);
  readonly #watches = new Set<RequestWatch>();
  #dispatcher: Promise<Dispatcher> | undefined;

  constructor(
    readonly configuration: IndexConfiguration,
    {
      limits = DEFAULT_LIMITS,
      firstPause = 500,
      rateWindowMs = 60_000,
      stallMs = STALL_MS,
      root = '.',
    }: TransportOptions = {},
  ) {
    this.limits = limits;
    this.root = root;
    this.#options = { firstPause, rateWindowMs, stallMs };
  }

  /** The requests that have not ended, the oldest first. */
  get pending(): readonly Pick<RequestWatch, 'url' | 'since'>[] {
    return [...this.#watches].sort((a, b) => a.since - b.since);
  }

  /** Calls `read` when few others are running. It must not call this or the other `read`. */
  inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.#reads(read);
  }

  /** The whole body, decompressed. It is requested again if the response stalls or breaks off. */
  read(url: string, request: IndexRequest): Promise<WholeResponse> {
    return this.inTurn(async () => {
      const headers = { 'accept-encoding': 'gzip, br', ...request.headers };
      const since = Date.now();
      for (let retry = 0; ; retry++) {
        const { chunks, close, ...response } = await this.open(url, { ...request, headers, since }, true);
        try {
          return { ...response, body: await concatenate(chunks()) };
        } catch (error) {
          const isBroken = error instanceof DistError && error.code === 'DIST_INDEX_UNREACHABLE';
          if (!isBroken || retry === RETRIES) throw error;
          await setTimeout(this.#options.firstPause * 2 ** retry);
        } finally {
          close();
        }
      }
    });
  }

  /** @param decompress - whether `chunks` are decompressed; without it they are as they were sent */
  async open(
    url: string,
    { method = 'GET', headers = {}, applied, since }: IndexRequest,
    decompress = false,
  ): Promise<IndexResponse> {
    // Imported lazily: every nx command loads this package, and few commands use an index.
    const { request } = await import('undici');
    this.#dispatcher ??= createDispatcher(this.configuration, this.#options.firstPause);
    const { rateWindowMs, stallMs } = this.#options;
    const watch = new RequestWatch(url, applied, { limits: this.limits, rateWindowMs, since });
    this.#watches.add(watch);
    watch.onStop = () => this.#watches.delete(watch);
    const { target, authorization } = this.#authorize(url);
    try {
      const response = await request(target, {
        method,
        dispatcher: await this.#dispatcher,
        headers: { 'accept-encoding': 'identity', ...headers, ...authorization, 'user-agent': 'pinpack' },
        headersTimeout: stallMs,
        bodyTimeout: stallMs,
        highWaterMark: WAITING_BYTES,
        signal: watch.signal,
      });
      return describeResponse(response, watch, { url, decompress, isHead: method === 'HEAD', stallMs });
    } catch (cause) {
      watch.stop();
      throw watch.error ?? unreachable(url, describeError(cause, stallMs), cause);
    }
  }

  /** Whether requests to a URL carry credentials. */
  hasCredentials(url: string): boolean {
    return 'authorization' in this.#authorize(url).authorization;
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

async function concatenate(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of chunks) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** After the last retry the message of undici's error lacks the status, which is a field of the error. */
function describeError(cause: unknown, stallMs: number): string {
  if (!(cause instanceof Error)) return String(cause);
  const { statusCode, code } = cause as { statusCode?: number; code?: string };
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return `did not answer within ${stallMs / 1000} s, ${RETRIES + 1} times`;
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
    interceptors.retry({ maxRetries: RETRIES, minTimeout: firstPause, maxTimeout: 5_000, errorCodes: RETRIED }),
  );
}
