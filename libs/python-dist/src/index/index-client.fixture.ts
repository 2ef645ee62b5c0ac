/** An HTTP server on loopback with answers that each test defines. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface LoopbackServer {
  /** `http://127.0.0.1:1234` */
  origin: string;
  /** Requested paths; `user:password` precedes the path if the request had credentials. */
  asked: string[];
}

/** Answers by path: one for each request; the last one is repeated. Other paths are 404. */
export async function serve(answers: Record<string, Answer | Answer[]>): Promise<LoopbackServer> {
  const asked: string[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    const [, encoded] = headers.authorization?.split(' ') ?? [];
    asked.push(`${encoded === undefined ? '' : `${Buffer.from(encoded, 'base64').toString()} `}${url}`);
    const count = counts.get(url) ?? 0;
    counts.set(url, count + 1);
    const own = [answers[url] ?? status(404)].flat();
    (own[count] ?? own.at(-1))?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => response.writeHead(code, headers).end(`status ${code}`);
}

export function html(text: string): Answer {
  return (response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(text);
}

export function json(page: unknown): Answer {
  const type = 'application/vnd.pypi.simple.v1+json';
  return (response) => response.writeHead(200, { 'content-type': type }).end(JSON.stringify(page));
}

export function bytes(data: Buffer): Answer {
  return (response) => response.writeHead(200, { 'content-length': data.length }).end(data);
}

/** Sends the headers for the data and its first bytes, then closes the connection. */
export function cutOff(data: Buffer, after: number): Answer {
  return (response) => {
    response.writeHead(200, { 'content-length': data.length });
    response.write(data.subarray(0, after), () => response.destroy());
  };
}

/** Closes the connection without an answer. */
export const hangUp: Answer = (response) => response.destroy();
