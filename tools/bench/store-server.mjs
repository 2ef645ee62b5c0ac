// Runs one server of the benchmark `store`: `node store-server.mjs <pinpack|plain> <URL of the store> <port>`. `pinpack` is the server that Nx's
// client uses in a run; `plain` is the minimum in Node: the SDK's GetObject and PutObject piped, or http and fs on a folder.
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CACHE_SERVER_OPTIONS, createCacheListener, openJournal, openStore } from '@pinpack/build-store';

const [, , kind, url, port] = process.argv;
const FLUSH_MS = 600_000;

async function pinpackListener() {
  // Outside of a run the journal keeps its events in memory.
  const journal = openJournal({});
  const store = await openStore({ url, mode: 'read-write', environment: process.env, journal });
  const answer = createCacheListener({ authorize: () => ({ store }) });
  return (request, response) => {
    if (request.url !== '/flush') return answer(request, response);
    return store.flush(FLUSH_MS).then((report) => response.end(JSON.stringify({ ...report, events: journal.events })));
  };
}

function plainFolderListener() {
  const folder = decodeURIComponent(new URL(url).pathname);
  return async (request, response) => {
    const path = join(folder, request.url.slice(request.url.lastIndexOf('/') + 1));
    if (request.method === 'GET') {
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) return response.writeHead(404, { 'Content-Length': 0 }).end();
      response.writeHead(200, { 'Content-Length': found.size });
      return pipeline(createReadStream(path), response);
    }
    await pipeline(request, createWriteStream(`${path}.tmp`));
    await rename(`${path}.tmp`, path);
    return response.end();
  };
}

async function plainS3Listener() {
  // The SDK is a dependency of the library, not of the workspace.
  const require = createRequire(import.meta.resolve('@pinpack/build-store'));
  const { GetObjectCommand, PutObjectCommand, S3Client } = require('@aws-sdk/client-s3');
  const { host: Bucket, searchParams } = new URL(url);
  const client = new S3Client({
    region: searchParams.get('region'),
    endpoint: searchParams.get('endpoint'),
    forcePathStyle: true,
  });
  return async (request, response) => {
    const Key = `plain/${request.url.slice(request.url.lastIndexOf('/') + 1)}`;
    if (request.method === 'GET') {
      const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key }));
      response.writeHead(200, { 'Content-Length': ContentLength });
      return pipeline(Body, response);
    }
    const ContentLength = Number(request.headers['content-length']);
    await client.send(new PutObjectCommand({ Bucket, Key, Body: request, ContentLength }));
    return response.end();
  };
}

const makers = {
  pinpack: pinpackListener,
  plain: url.startsWith('file:') ? plainFolderListener : plainS3Listener,
};
const listener = await makers[kind]();
const server = createServer(CACHE_SERVER_OPTIONS, (request, response) => {
  if (request.url === '/flush' && kind === 'plain') response.end('{}');
  // After a failure the client sees a closed connection and reports it.
  else Promise.resolve(listener(request, response)).catch(() => response.destroy());
});
server.listen(Number(port), '127.0.0.1', () => console.log(`listening ${server.address().port}`));
