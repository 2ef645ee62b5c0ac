// The server process of one run: serves Nx's client and uploads the run's results. Its argument is the run's folder, and file descriptor 3 is the listening
// socket. It ends when the run asks it to, or when all clients of the run have ended.
import { createServer, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  bearerToken,
  CACHE_SERVER_OPTIONS,
  createCacheListener,
  isSameToken,
  readRun,
  type CacheStore,
  type Store,
} from '@pinpack/build-store';
import { isAlive } from './client-process.js';
import { readSession, removeRunFolder, type Session } from './run-folder.js';
import type { RunTask } from './run-tasks.js';
import { FINISH_PATH, finishStore, openRunStore, type Finished } from './run-store.js';

const LISTENING_SOCKET = 3;
const CHECK_MS = 2_000;
/** For runs with an unknown client. */
const IDLE_MS = 6 * 60 * 60 * 1000;
/** Of archives that arrive: the RPM of a compiled package has some 30 MB, and the memory holds it inflated, too. */
const MEMORY = 40 << 20;

const NO_STORE: CacheStore = {
  canWrite: false,
  getArchive: () => Promise.resolve(undefined),
  temporaryFile: () => Promise.reject(new Error('there is no store')),
  put: () => Promise.resolve('failed'),
};

function serve(folder: string, { plan, clients }: Session, token: string): void {
  // Not awaited, so that the store opens before the first request of Nx's client.
  const opening = openRunStore(plan, folder);
  const answer = createCacheListener({
    memory: MEMORY,
    authorize: async (request) =>
      isSameToken(bearerToken(request), token) ? { store: (await opening) ?? NO_STORE } : 'unauthorized',
  });
  let lastRequest = Date.now();
  let hasRequests = false;
  createServer(CACHE_SERVER_OPTIONS, (request, response) => {
    lastRequest = Date.now();
    const isFinish = request.method === 'POST' && request.url === FINISH_PATH;
    if (isFinish && isSameToken(bearerToken(request), token)) {
      void finish(async () => {
        const tasks = (await json(request)) as RunTask[];
        const hasWork = hasRequests || (await readRun(folder)).events.length > 0;
        return hasWork ? finishStore(await opening, { plan, folder, tasks }) : {};
      }, response);
      return;
    }
    hasRequests = true;
    answer(request, response);
  }).listen({ fd: LISTENING_SOCKET });
  setInterval(() => {
    const isOver = clients.length === 0 ? Date.now() - lastRequest > IDLE_MS : !clients.some(isAlive);
    // The session is missing if the caches of this machine were removed.
    if (isOver || readSession(folder) === undefined) void abandon(opening, folder);
  }, CHECK_MS);
}

/** A run without requests does not wait until the store is open. */
async function finish(end: () => Promise<Finished>, response: ServerResponse): Promise<void> {
  const finished = await end();
  response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify(finished), () => process.exit(0));
}

/** For a killed run. Its pending entries stay in the outbox for the next run. */
async function abandon(opening: Promise<Store | undefined>, folder: string): Promise<void> {
  await (await opening)?.close();
  removeRunFolder(folder);
  process.exit(0);
}

// An error in one request must not end the server: unanswered requests would fail Nx's run.
process.on('uncaughtException', (error) => {
  console.error(error);
});
const [, , folder = ''] = process.argv;
const session = readSession(folder);
if (session === undefined) process.exitCode = 1;
else serve(folder, session, session.server.token);
