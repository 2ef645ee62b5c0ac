/** A reverse proxy for a bucket, like nginx in docs/publishing.md: serves the index page of a folder, and passes on other requests. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WebFront {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Paths of all requests. */
  readonly paths: string[];
  stop(): Promise<void>;
}

/** @param target - a URL below which the same paths are */
export async function startWebFront(target: string): Promise<WebFront> {
  const paths: string[] = [];
  const { hostname, port, pathname } = new URL(target);
  const server = createServer((incoming, answer) => {
    const path = incoming.url ?? '';
    paths.push(path);
    const headers = { ...incoming.headers, host: `${hostname}:${port}` };
    const asked = `${pathname.replace(/\/$/, '')}${path.replace(/\/$/, '/index.html')}`;
    const outgoing = request({ hostname, port, method: incoming.method, path: asked, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.rawHeaders);
      found.pipe(answer);
    });
    outgoing.on('error', () => incoming.socket.destroy());
    incoming.pipe(outgoing);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
