// An HTTP proxy with faults that specs switch on and off. It changes no headers, so that signatures for the proxy's address stay valid.
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyFault, type Fault } from './fault.js';

export interface SeenRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingMessage['headers'];
}

export interface Occasion {
  /** Selects the requests that fail. Default: all. `refuse` always applies to all. */
  when?: (request: SeenRequest) => boolean;
  /** Number of failures before the proxy works again. Default: unlimited. */
  times?: number;
}

export interface FaultProxy {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** All requests in order, including failed ones. */
  readonly requests: SeenRequest[];
  /** Replaces the current fault. */
  fail(fault: Fault, occasion?: Occasion): Promise<void>;
  heal(): Promise<void>;
  stop(): Promise<void>;
}

interface State {
  target: URL;
  agent: Agent;
  requests: SeenRequest[];
  fault: Fault | undefined;
  occasion: Occasion;
  befallen: number;
}

/** @param target - `http://host:port` */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const state: State = { target: new URL(target), agent, requests: [], fault: undefined, occasion: {}, befallen: 0 };
  const server = createServer((incoming, answer) => {
    serve(state, incoming, answer);
  });
  // A client that gave up is no fault of this process.
  server.on('clientError', (_error, socket) => socket.destroy());
  const listen = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const change = async (fault: Fault | undefined, occasion: Occasion) => {
    Object.assign(state, { fault, occasion, befallen: 0 });
    if (fault?.kind === 'refuse') await close();
    else if (!server.listening) await listen(port);
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests: state.requests,
    fail: (fault, occasion = {}) => change(fault, occasion),
    heal: () => change(undefined, {}),
    stop: async () => {
      await close();
      agent.destroy();
    },
  };
}

function serve(state: State, incoming: IncomingMessage, answer: ServerResponse): void {
  const seen = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers };
  state.requests.push(seen);
  const fault = faultOf(state, seen);
  const { socket } = incoming;
  switch (fault?.kind) {
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'hang':
      incoming.resume();
      return;
    case 'garbage':
      socket.end('\u0000\u0001 this is not HTTP\r\n\r\n');
      return;
    case 'status':
      incoming.resume();
      answer.writeHead(fault.status, { 'content-type': 'application/xml' });
      answer.end(`<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>as asked</Message></Error>`);
      return;
    default:
      forward(state, fault, incoming, answer);
  }
}

function faultOf(state: State, seen: SeenRequest): Fault | undefined {
  const { when = () => true, times = Infinity } = state.occasion;
  if (state.fault === undefined || state.befallen >= times || !when(seen)) return undefined;
  state.befallen++;
  return state.fault;
}

function forward(
  { target, agent }: State,
  fault: Fault | undefined,
  incoming: IncomingMessage,
  answer: ServerResponse,
) {
  const { method, url: path, headers, socket } = incoming;
  const isUpload = headers['content-length'] !== undefined && headers['content-length'] !== '0';
  const outgoing = request({ host: target.hostname, port: target.port, agent, method, path, headers });
  const reset = () => {
    outgoing.destroy();
    socket.resetAndDestroy();
  };
  incoming.pipe(bodyFault(isUpload ? fault : undefined, reset)).pipe(outgoing);
  outgoing.on('error', reset);
  outgoing.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, answerHeaders(response, fault));
    response.pipe(bodyFault(isUpload ? undefined : fault, reset)).pipe(answer);
    response.on('error', reset);
  });
  answer.on('close', () => outgoing.destroy());
}

function answerHeaders({ rawHeaders }: IncomingMessage, fault: Fault | undefined): string[] {
  if (fault?.kind !== 'wrong-length') return rawHeaders;
  return rawHeaders.map((value, index) => {
    const isLength = index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'content-length';
    return isLength ? `${Number(value) + fault.by}` : value;
  });
}
