// Serves a folder over HTTP on loopback, and counts the bytes: installers apply no deltas to repositories of local folders.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

export async function serve(folder) {
  const seen = { bytes: 0, deltas: 0 };
  const server = createServer(async (request, response) => {
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname)));
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to === undefined || to === '' ? found.size - 1 : Math.min(Number(to), found.size - 1);
    const length = end - start + 1;
    if (request.method === 'GET') seen.bytes += length;
    if (request.method === 'GET' && path.endsWith('.drpm')) seen.deltas += 1;
    const range = { 'content-range': `bytes ${start}-${end}/${found.size}` };
    response.writeHead(from === undefined ? 200 : 206, {
      'content-length': length,
      'accept-ranges': 'bytes',
      ...(from !== undefined && range),
    });
    if (request.method === 'HEAD' || found.size === 0) response.end();
    else createReadStream(path, { start, end }).pipe(response);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
