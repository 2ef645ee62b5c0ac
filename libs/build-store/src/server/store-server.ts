// The standalone server: serves Nx's protocol and the native API from one backend, with authentication, limits, logs and metrics.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ObjectBackend } from '../backends/backend.js';
import { SERVER_HEADER, SERVER_VERSION } from '../backends/http-backend-protocol.js';
import type { Trust } from '../entry/trust.js';
import { StoreError } from '../store-error.js';
import type { Authenticator } from './authenticator.js';
import { CACHE_SERVER_OPTIONS, createCacheListener } from './cache-protocol.js';
import { TrustedProxies } from './client-address.js';
import type { Limits, ServerConfig } from './config.js';
import { Exchange } from './exchange.js';
import { Gate } from './gate.js';
import { ServerMetrics } from './metrics.js';
import { send } from './reply.js';
import { logRequest, type Logger } from './request-log.js';
import { Routes } from './routes.js';

export interface TlsFiles {
  /** PEM. */
  cert: string;
  key: string;
}

export interface StoreServerOptions {
  config: Pick<ServerConfig, 'listen' | 'limits' | 'trustedProxies' | 'metrics'>;
  backend: ObjectBackend;
  trust: Trust;
  authenticator: Authenticator;
  /** A folder that is there, for bodies on their way. */
  spool: string;
  tls: TlsFiles | undefined;
  log: Logger;
}

const CHECK_CONNECTIONS_MS = 1000;

export class StoreServer {
  private readonly server: Server;
  private readonly metrics = new ServerMetrics();
  private readonly proxies: TrustedProxies;
  private readonly gate: Gate;
  private readonly routes: Routes;
  private readonly cache: RequestListener;

  private constructor(
    private readonly options: StoreServerOptions,
    private readonly spool: string,
  ) {
    const { config, backend, trust, authenticator, log } = options;
    const { limits } = config;
    const { metrics } = this;
    const onRefusal = metrics.refuse.bind(metrics);
    const onFault = (code: string, reason: string) => {
      metrics.fault(code);
      log.warn({ code, reason }, 'the store behind the server failed');
    };
    this.proxies = new TrustedProxies(config.trustedProxies);
    this.gate = new Gate({ authenticator, proxies: this.proxies, limits, onRefusal });
    this.routes = new Routes({ backend, trust, config, gate: this.gate, metrics, spool, onFault });
    this.cache = createCacheListener({
      sizeLimit: limits.objectBytes,
      authorize: async (request) => ({ store: await this.routes.openView(request) }),
    });
    this.server = createHttpServer(limits, options.tls);
    this.server.on('request', this.accept).on('checkContinue', this.accept);
  }

  /** Takes requests from now on. @throws StoreError `STORE_CONFIG_INVALID` for an address that can't be listened at */
  static async start(options: StoreServerOptions): Promise<StoreServer> {
    const spool = await mkdtemp(join(options.spool, 'pinpack-store-'));
    try {
      const server = new StoreServer(options, spool);
      await server.listen();
      return server;
    } catch (error) {
      await rm(spool, { recursive: true, force: true });
      throw error;
    }
  }

  /** Where it listens. */
  get url(): string {
    const { address, family, port } = this.server.address() as AddressInfo;
    const scheme = this.options.tls === undefined ? 'http' : 'https';
    return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Who is let in from now on, and with which certificate new connections are made. @throws Error for a certificate that is none */
  reload(authenticator: Authenticator, tls: TlsFiles | undefined): void {
    if (tls !== undefined && this.server instanceof TlsServer) this.server.setSecureContext(tls);
    this.gate.authenticator = authenticator;
  }

  /**
   * Takes no more connections, and finishes what is in flight until the configured deadline.
   *
   * @returns how many requests were cut off at the deadline
   */
  async close(): Promise<number> {
    const { flying } = this.routes;
    this.routes.isClosing = true;
    for (const { response } of flying.values()) response.shouldKeepAlive = false;
    const closed = new Promise((resolve) => this.server.close(resolve));
    let cutOff = 0;
    const timer = setTimeout(() => {
      cutOff = flying.size;
      this.server.closeAllConnections();
    }, this.options.config.limits.shutdownSeconds * 1000);
    this.closeUnused();
    await closed;
    clearTimeout(timer);
    await rm(this.spool, { recursive: true, force: true });
    return cutOff;
  }

  private listen(): Promise<void> {
    const { host, port } = this.options.config.listen;
    return new Promise((resolve, reject) => {
      const refuse = (cause: Error) => {
        reject(new StoreError('STORE_CONFIG_INVALID', `${host}:${port}`, cause.message, { cause }));
      };
      this.server.once('error', refuse).listen({ host, port }, () => {
        this.server.off('error', refuse);
        resolve();
      });
    });
  }

  private readonly accept = (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = new Exchange(request, response, this.proxies);
    this.routes.flying.set(request, exchange);
    this.metrics.begin();
    if (this.routes.isClosing) response.shouldKeepAlive = false;
    response.setHeader('X-Request-Id', exchange.id);
    response.setHeader(SERVER_HEADER, SERVER_VERSION);
    response.once('close', () => {
      this.end(exchange);
    });
    if (exchange.route === 'cache') {
      exchange.takeBody();
      this.cache(request, response);
    } else {
      this.reply(exchange).catch((error: unknown) => {
        // A body that broke off on either side: what came of it must not be taken for whole.
        if (!response.destroyed) this.options.log.error({ id: exchange.id, err: error }, 'the answer failed');
        response.destroy();
      });
    }
  };

  private async reply(exchange: Exchange): Promise<void> {
    await send(exchange.request, exchange.response, await this.routes.answer(exchange));
  }

  private end(exchange: Exchange): void {
    const finished = exchange.finished();
    this.routes.flying.delete(exchange.request);
    this.metrics.end(finished);
    logRequest(this.options.log, finished);
    if (this.routes.isClosing) setImmediate(this.closeUnused);
  }

  /** A connection that never asked anything isn't idle to Node: it's closed with the last that did. */
  private readonly closeUnused = (): void => {
    if (this.routes.flying.size === 0) this.server.closeAllConnections();
    else this.server.closeIdleConnections();
  };
}

function createHttpServer(limits: Limits, tls: TlsFiles | undefined): Server {
  const options = {
    ...CACHE_SERVER_OPTIONS,
    headersTimeout: limits.headerSeconds * 1000,
    requestTimeout: limits.requestSeconds * 1000,
    connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
  };
  const server = tls === undefined ? createServer(options) : createTlsServer({ ...options, ...tls });
  // While the backend is asked, the connection is idle too.
  return server.setTimeout((limits.idleSeconds + limits.backendSeconds) * 1000);
}
