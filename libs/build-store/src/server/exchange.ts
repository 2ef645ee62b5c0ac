// Tracks one request and its response, for limits, logs and metrics.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attempt } from '../backends/backend.js';
import { OBJECTS, SESSION } from '../backends/http-backend-protocol.js';
import type { TrustedProxies } from './client-address.js';
import type { Route } from './metrics.js';
import type { LoggedRequest } from './request-log.js';

export class Exchange {
  readonly url: URL;
  readonly route: Route;
  readonly id: string;
  who: string | undefined;
  refused: string | undefined;
  private readonly started = performance.now();
  /** Address of the client. */
  readonly client: string;
  private readonly ended = new AbortController();
  private readonly callbacks: (() => void)[] = [];
  private hasAsked = false;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    proxies: TrustedProxies,
  ) {
    this.url = urlOf(request.url);
    this.route = routeOf(this.url);
    this.id = proxies.requestId(request);
    this.client = proxies.clientOf(request);
    response.once('close', () => {
      if (!response.writableFinished) this.ended.abort();
      for (const callback of this.callbacks) callback();
    });
  }

  /** Calls back when the response is complete or was cut off, or at once if it was already. */
  onEnd(callback: () => void): void {
    if (this.response.closed) callback();
    else this.callbacks.push(callback);
  }

  /** Aborted if the client disconnects before the response is complete. */
  get gone(): AbortSignal {
    return this.ended.signal;
  }

  /** Aborted if the client disconnects, and after a time. */
  attempt(seconds: number): Attempt {
    const timer = setTimeout(() => {
      this.ended.abort();
    }, seconds * 1000);
    this.onEnd(() => {
      clearTimeout(timer);
    });
    return { signal: this.gone };
  }

  /** Asks for the body: a client may wait for it (RFC 9110, "100 Continue"). */
  takeBody = (): void => {
    if (this.request.headers.expect !== undefined && !this.response.headersSent) this.response.writeContinue();
    this.hasAsked = true;
  };

  /** The client does not send its body before it is asked. */
  get isBodyDue(): boolean {
    const { headers } = this.request;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    return hasBody && (this.hasAsked || headers.expect === undefined) && !this.request.complete;
  }

  finished(): LoggedRequest {
    const { request, response } = this;
    const bytesOf = (length: unknown, isWhole: boolean) => (isWhole ? Number(length ?? 0) : 0);
    return {
      id: this.id,
      route: this.route,
      method: request.method ?? '',
      path: this.url.pathname,
      status: response.statusCode,
      seconds: (performance.now() - this.started) / 1000,
      bytesIn: bytesOf(request.headers['content-length'], request.complete),
      bytesOut: bytesOf(response.getHeader('content-length'), response.writableFinished && request.method !== 'HEAD'),
      client: this.client,
      who: this.who,
      refused: this.refused,
      isAborted: !response.writableFinished,
    };
  }
}

/** The root, without a route, for a target that is not a path. */
function urlOf(target = ''): URL {
  const base = 'http://server';
  return target.startsWith('/') && URL.canParse(`${base}${target}`) ? new URL(`${base}${target}`) : new URL(base);
}

function routeOf({ pathname }: URL): Route {
  if (pathname.startsWith('/v1/cache/')) return 'cache';
  if (pathname === OBJECTS) return 'list';
  if (pathname.startsWith(`${OBJECTS}/`)) return 'objects';
  if (pathname === SESSION) return 'session';
  const probes: Record<string, Route> = { '/health': 'health', '/ready': 'ready', '/metrics': 'metrics' };
  return probes[pathname] ?? 'other';
}
