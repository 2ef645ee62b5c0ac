// An answer as a value, and the one place where it's sent.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RefusalCode } from '../backends/http-backend-protocol.js';

export interface Reply {
  status: number;
  headers?: OutgoingHttpHeaders;
  /** A stream has its Content-Length in `headers`, or ends when it's cut off. */
  body?: string | Readable;
}

/** What is read and dropped of a body that isn't wanted: a client that is still sending would see a reset, and not the answer. */
const DROPPED_BYTES = 1 << 20;

/** @param message - for people */
export function refusal(status: number, code: RefusalCode, message: string, headers: OutgoingHttpHeaders = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: `${JSON.stringify({ code, message })}\n`,
  };
}

export function json(status: number, value: unknown): Reply {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}

/** @throws what the body throws when it breaks, with the connection closed, so that nobody takes it for whole */
export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { status, headers = {}, body = '' } = reply;
  if (!request.complete) dropRest(request);
  response.writeHead(status, {
    ...(typeof body === 'string' && { 'Content-Length': Buffer.byteLength(body) }),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  if (typeof body === 'string') response.end(request.method === 'HEAD' ? undefined : body);
  else await pipeline(body, response);
}

function dropRest(request: IncomingMessage): void {
  let dropped = 0;
  request.on('data', (piece: Buffer) => {
    dropped += piece.length;
    if (dropped > DROPPED_BYTES) request.destroy();
  });
}
