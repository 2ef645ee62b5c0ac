// The process of one run that serves Nx's client and uploads what the run made. It starts with the run's folder as its argument and the
// listening socket as file descriptor 3, and ends when the run says so, or when nobody of the run is left.
import { createServer, type ServerResponse } from 'node:http';
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
import { FINISH_PATH, finishStore, openRunStore, type Finished } from './run-store.js';

const LISTENING_SOCKET = 3;
const LOOK_MS = 2_000;
/** Where the run's client isn't known. */
const IDLE_MS = 6 * 60 * 60 * 1000;

const NO_STORE: CacheStore = {
  canWrite: false,
  get: () => Promise.resolve(undefined),
  temporaryFile: () => Promise.reject(new Error('there is no store')),
  put: () => Promise.resolve(),
};

function serve(folder: string, { plan, clients }: Session, token: string): void {
  // Opened while Nx's client is still on its way to the first request.
  const opening = openRunStore(plan, folder);
  const answer = createCacheListener({
    authorize: async (request) =>
      isSameToken(bearerToken(request), token) ? { store: (await opening) ?? NO_STORE } : 'unauthorized',
  });
  let heard = Date.now();
  let isAsked = false;
  createServer(CACHE_SERVER_OPTIONS, (request, response) => {
    heard = Date.now();
    const isFinish = request.method === 'POST' && request.url === FINISH_PATH;
    if (isFinish && isSameToken(bearerToken(request), token)) {
      void finish(async () => {
        const hasWork = isAsked || (await readRun(folder)).events.length > 0;
        return hasWork ? finishStore(await opening, plan.deadline) : {};
      }, response);
      return;
    }
    isAsked = true;
    answer(request, response);
  }).listen({ fd: LISTENING_SOCKET });
  setInterval(() => {
    const isOver = clients.length === 0 ? Date.now() - heard > IDLE_MS : !clients.some(isAlive);
    // Somebody may have removed the caches of this machine.
    if (isOver || readSession(folder) === undefined) void abandon(opening, folder);
  }, LOOK_MS);
}

/** A run that asked the store nothing doesn't wait until it's open. */
async function finish(end: () => Promise<Finished>, response: ServerResponse): Promise<void> {
  const finished = await end();
  response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify(finished), () => process.exit(0));
}

/** The run was killed. What it didn't upload stays in the outbox for the next. */
async function abandon(opening: Promise<Store | undefined>, folder: string): Promise<void> {
  await (await opening)?.close();
  removeRunFolder(folder);
  process.exit(0);
}

// One request's fault is no reason to leave the others without an answer, which would fail Nx's run.
process.on('uncaughtException', (error) => {
  console.error(error);
});
const [, , folder = ''] = process.argv;
const session = readSession(folder);
if (session === undefined) process.exitCode = 1;
else serve(folder, session, session.server.token);
