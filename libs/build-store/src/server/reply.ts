// Represents HTTP responses as values, and sends them.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RefusalCode } from '../backends/http-backend-protocol.js';

export interface Reply {
  status: number;
  headers?: OutgoingHttpHeaders;
  /** For a stream, `headers` contains the Content-Length if it is known. */
  body?: string | Readable;
}

/** Limit for reading an unwanted body: a client that is still sending would see a reset instead of the response. */
const DROPPED_BYTES = 1 << 20;

/** Creates an error response. */
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

/** @throws the error of a body that breaks off; the connection is then closed, so that the client notices */
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
