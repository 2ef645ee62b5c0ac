// Answers the requests of each route of the standalone server.
import type { IncomingMessage } from 'node:http';
import type { ObjectBackend } from '../backends/backend.js';
import type { Trust } from '../entry/trust.js';
import type { Admitted } from './authenticator.js';
import type { CacheStore } from './cache-protocol.js';
import { CacheViews, EMPTY_VIEW } from './cache-view.js';
import type { ServerConfig } from './config.js';
import type { Exchange } from './exchange.js';
import type { Gate } from './gate.js';
import type { ServerMetrics } from './metrics.js';
import { ObjectApi } from './object-api.js';
import { Readiness } from './readiness.js';
import { json, refusal, type Reply } from './reply.js';
import { ownNamespace } from './scope.js';

export interface RoutesOptions {
  backend: ObjectBackend;
  trust: Trust;
  config: Pick<ServerConfig, 'limits' | 'metrics'>;
  gate: Gate;
  metrics: ServerMetrics;
  /** An existing folder for temporary files. */
  spool: string;
  onFault: (code: string, message: string) => void;
}

export class Routes {
  isClosing = false;
  /** Requests in progress. */
  readonly flying = new Map<IncomingMessage, Exchange>();
  private readonly readiness: Readiness;
  private readonly objects: ObjectApi;
  private views: CacheViews;

  constructor(private readonly options: RoutesOptions) {
    const { backend, spool, config, onFault } = options;
    this.readiness = new Readiness(backend);
    this.views = new CacheViews(options);
    this.objects = new ObjectApi({ backend, spool, sizeLimit: config.limits.objectBytes, onFault });
  }

  /** Replaces the keys by which entries are signed and believed. */
  reload(trust: Trust): void {
    this.views = new CacheViews({ ...this.options, trust });
  }

  async answer(exchange: Exchange): Promise<Reply> {
    const { route } = exchange;
    if (route === 'health') return { status: 200, body: 'alive\n' };
    if (route === 'ready') return this.answerReady();
    if (route === 'other') return refusal(404, 'route', 'there is no such route');
    if (route === 'metrics' && this.options.config.metrics === 'open') return this.answerMetrics();
    const admitted = await this.options.gate.admit(exchange);
    if ('reply' in admitted) return admitted.reply;
    if (route === 'metrics') return this.answerMetrics();
    return route === 'session' ? this.answerSession(exchange, admitted) : this.answerObjects(exchange, admitted);
  }

  /** For Nx's protocol. Nx fails a run on any answer but a hit or a miss, so a caller that is not admitted gets an empty, read-only cache. */
  async openView(request: IncomingMessage): Promise<CacheStore> {
    const exchange = this.flying.get(request);
    if (exchange === undefined) return EMPTY_VIEW;
    const admitted = await this.options.gate.admit(exchange);
    if ('reply' in admitted) return EMPTY_VIEW;
    exchange.takeBody();
    return this.views.of(admitted.identity.scope, exchange.gone);
  }

  private answerObjects(exchange: Exchange, { identity: { scope } }: Admitted): Promise<Reply> {
    const { request, url, takeBody } = exchange;
    const { backendSeconds, requestSeconds } = this.options.config.limits;
    // The duration of a PUT depends on its client.
    const attempt = exchange.attempt(request.method === 'PUT' ? requestSeconds : backendSeconds);
    return this.objects.answer({ request, url, scope, attempt, takeBody });
  }

  private async answerSession({ request }: Exchange, { identity, isFromIssuer }: Admitted): Promise<Reply> {
    const { name, scope } = identity;
    const facts = { name, scope: scope.kind, namespace: ownNamespace(scope) ?? null };
    if (request.method === 'GET') return json(200, facts);
    if (request.method !== 'POST') return refusal(405, 'method', 'expected GET or POST', { Allow: 'GET, POST' });
    if (!isFromIssuer) return refusal(403, 'forbidden', 'only an identity token of a CI system is exchanged');
    const { token, expires } = await this.options.gate.authenticator.sessions.start(identity);
    return json(200, { ...facts, token, expires: expires.toISOString() });
  }

  private async answerReady(): Promise<Reply> {
    if (this.isClosing) return { status: 503, body: 'closing\n' };
    if (await this.readiness.isReady()) return { status: 200, body: 'ready\n' };
    return { status: 503, body: 'the store behind the server does not answer\n' };
  }

  private async answerMetrics(): Promise<Reply> {
    const { type, text } = await this.options.metrics.format();
    return { status: 200, headers: { 'Content-Type': type }, body: text };
  }
}
