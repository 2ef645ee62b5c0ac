// Collects metrics for Prometheus. Labels have few values: routes, methods and statuses, never paths, keys or names.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const ROUTES = ['cache', 'objects', 'list', 'session', 'health', 'ready', 'metrics', 'other'] as const;
export type Route = (typeof ROUTES)[number];

export type RefusalReason = 'unauthorized' | 'clear text' | 'rate' | 'busy' | 'slow';

export interface FinishedRequest {
  route: Route;
  method: string;
  status: number;
  seconds: number;
  bytesIn: number;
  bytesOut: number;
}

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];
const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

export class ServerMetrics {
  private readonly registry = new Registry();
  private readonly requests = this.counter('requests_total', 'Answered requests', ['route', 'method', 'status']);
  private readonly lookups = this.counter('lookups_total', 'Questions for an object or an entry', ['route', 'result']);
  private readonly bytes = this.counter('bytes_total', 'Bytes of bodies', ['direction']);
  private readonly refusals = this.counter('refusals_total', 'Requests refused before the store was asked', ['reason']);
  private readonly faults = this.counter('backend_faults_total', 'Failures of the store behind the server', ['code']);
  private readonly seconds = new Histogram({
    name: 'pinpack_store_request_seconds',
    help: 'From the first byte of a request to the last of its answer',
    labelNames: ['route', 'method'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly flying = new Gauge({
    name: 'pinpack_store_requests_in_flight',
    help: 'Requests that are not answered yet',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  begin(): void {
    this.flying.inc();
  }

  end({ route, method, status, seconds, bytesIn, bytesOut }: FinishedRequest): void {
    const labels = { route, method: METHODS.includes(method) ? method : 'other' };
    this.flying.dec();
    this.requests.inc({ ...labels, status: String(status) });
    this.seconds.observe(labels, seconds);
    this.bytes.inc({ direction: 'in' }, bytesIn);
    this.bytes.inc({ direction: 'out' }, bytesOut);
    const isLookup = method === 'GET' && (route === 'cache' || route === 'objects');
    if (isLookup && status === 200) this.lookups.inc({ route, result: 'hit' });
    if (isLookup && status === 404) this.lookups.inc({ route, result: 'miss' });
  }

  refuse(reason: RefusalReason): void {
    this.refusals.inc({ reason });
  }

  fault(code: string): void {
    this.faults.inc({ code });
  }

  async format(): Promise<{ type: string; text: string }> {
    return { type: this.registry.contentType, text: await this.registry.metrics() };
  }

  private counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name: `pinpack_store_${name}`, help, labelNames, registers: [this.registry] });
  }
}
