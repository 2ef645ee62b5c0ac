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
import { watchBodyRate } from './body-rate.js';
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
  /** An existing folder for temporary files. */
  spool: string;
  tls: TlsFiles | undefined;
  log: Logger;
}

/** The parts of the configuration that a running server can replace. */
export type Reloaded = Pick<StoreServerOptions, 'authenticator' | 'tls' | 'trust'>;

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

  /** @throws StoreError `STORE_CONFIG_INVALID` if it cannot listen at the address */
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

  /** The address at which it listens. */
  get url(): string {
    const { address, family, port } = this.server.address() as AddressInfo;
    const scheme = this.options.tls === undefined ? 'http' : 'https';
    return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Replaces the tokens, the certificate of new connections and the keys of entries. @throws Error for an invalid certificate */
  reload({ authenticator, tls, trust }: Reloaded): void {
    if (tls !== undefined && this.server instanceof TlsServer) this.server.setSecureContext(tls);
    this.gate.authenticator = authenticator;
    this.routes.reload(trust);
  }

  /**
   * Accepts no more connections, and finishes requests in progress until the configured deadline.
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
    exchange.onEnd(() => {
      this.end(exchange);
    });
    watchBodyRate(exchange, this.options.config.limits, () => {
      exchange.refused = 'slow body';
      this.metrics.refuse('slow');
    });
    if (exchange.route === 'cache') this.cache(request, response);
    else {
      this.reply(exchange).catch((error: unknown) => {
        // The body broke off. The client must not take its beginning for the whole.
        if (!response.destroyed) this.options.log.error({ id: exchange.id, err: error }, 'the response failed');
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

  /** To Node, a connection without any request is not idle. Such connections are closed with the last request. */
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
  // A connection is also idle while the backend works.
  return server.setTimeout((limits.idleSeconds + limits.backendSeconds) * 1000);
}
