/** A web server for specs. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Serves a folder, with ranges. */
export class Web {
  readonly asked: string[] = [];
  /** Bytes after which a response is cut, once. */
  cut: number | undefined;
  private readonly server: Server;

  constructor(folder: string) {
    this.server = createServer((request, response) => {
      const path = request.url ?? '';
      this.asked.push(path + (request.headers.range === undefined ? '' : ` ${request.headers.range}`));
      if (!existsSync(join(folder, path))) return response.writeHead(404).end();
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const bytes = readFileSync(join(folder, path)).subarray(start);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length });
      const { cut } = this;
      if (cut === undefined || bytes.length <= cut) return response.end(bytes);
      this.cut = undefined;
      return response.write(bytes.subarray(0, cut), () => response.destroy());
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
