// Nx's self-hosted remote cache protocol: GET and PUT of /v1/cache/<hash>, with a bearer token. Nx's client fails a run on any response to a GET
// except 200 and 404, and a task on any response to a PUT except 200, 403 and 409; so errors are reported as 404 or 403.
import { createHash, timingSafeEqual } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import { encodeFrame } from '../archive/archive-frame.js';
import { takeApart, takeApartInMemory } from '../archive/take-apart.js';
import { removeFile } from '../content/remove-file.js';
import type { EntryRecord } from '../entry/record.js';
import { isEntryKey } from '../names/object-keys.js';
import { IN_MEMORY, type PutOutcome, type Store } from '../store/store.js';
import { MemoryBudget } from './memory-budget.js';
import { CutOff, receiveBytes, receiveFile, type Refusal } from './receive-body.js';
import { openArchive, sendArchive } from './send-archive.js';

/** The part of a store that the protocol needs. */
export type CacheStore = Pick<Store, 'canWrite' | 'temporaryFile' | 'put' | 'getArchive'>;

export interface CacheListenerOptions {
  /** Selects the store of the caller. Called before the body of a PUT has arrived, and must not read it. */
  authorize(request: IncomingMessage): Access | Promise<Access>;
  /** Maximum size of a body, in bytes. */
  sizeLimit?: number;
  /** How many bytes of larger archives than `IN_MEMORY` may be in memory at a time. Default: none, since a server may have many clients. */
  memory?: number;
}

export type Access = { store: CacheStore } | 'unauthorized';

/**
 * Options for `http.createServer`: the server never closes a connection that the client may be about to use, nor ends a long upload.
 * Nx's client closes idle connections itself, after 90 seconds.
 */
export const CACHE_SERVER_OPTIONS = { keepAliveTimeout: 120_000, requestTimeout: 0 } as const satisfies ServerOptions;

const PATH = /^\/v1\/cache\/([^/?]+)$/;

/** Handles the requests of Nx's client, and responds 404 to all others. Never throws. */
export function createCacheListener(options: CacheListenerOptions): RequestListener {
  const limits = { sizeLimit: options.sizeLimit ?? Infinity, budget: new MemoryBudget(options.memory ?? 0) };
  return (request, response) => {
    answer({ ...options, ...limits }, request, response).catch(() => {
      // The connection is closed, or the announced body cannot be completed: the client must notice that it is incomplete.
      response.destroy();
    });
  };
}

interface PutLimits {
  sizeLimit: number;
  budget: MemoryBudget;
}

async function answer(
  options: CacheListenerOptions & PutLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, key = ''] = PATH.exec(request.url ?? '') ?? [];
  const access = await Promise.resolve(options.authorize(request)).catch((): Access => 'unauthorized');
  if (access === 'unauthorized') reply(request, response, 401, 'The bearer token is not valid for this server');
  else if (request.method === 'PUT' && isEntryKey(key)) await take(access.store, key, options, request, response);
  else if (request.method === 'GET' && isEntryKey(key)) await give(access.store, key, request, response);
  else reply(request, response, request.method === 'PUT' ? 403 : 404, 'Not in the cache');
}

/** Sends the headers after the file was verified, so that an error of the store is a miss. */
async function give(store: CacheStore, key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hit = await store.getArchive(key).catch(() => undefined);
  if (hit === undefined) {
    reply(request, response, 404, 'Not in the cache');
    return;
  }
  try {
    const archive = await openArchive(hit).catch(() => undefined);
    if (archive === undefined) reply(request, response, 404, 'Not in the cache');
    else await sendArchive(archive, response);
  } finally {
    await hit.release().catch(() => undefined);
  }
}

/** Responds when the store has the content. In a run, the upload follows in the background. */
async function take(
  store: CacheStore,
  key: string,
  limits: PutLimits,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { sizeLimit } = limits;
  const tooLarge = `More than ${sizeLimit} bytes, the maximum of this server`;
  if (!store.canWrite) reply(request, response, 403, 'The cache is read-only for this caller');
  else if (Number(request.headers['content-length'] ?? 0) > sizeLimit) reply(request, response, 403, tooLarge);
  else {
    const outcome = await keep(store, key, limits, request);
    if (outcome === 'stored') reply(request, response, 200, '');
    else if (outcome === 'conflict') reply(request, response, 409, 'The hash has another archive, which stays');
    else if (outcome === 'empty') reply(request, response, 403, 'Expected an archive and its Content-Length');
    else reply(request, response, 403, outcome === 'too large' ? tooLarge : 'Not stored');
  }
}

/** A path that cannot be opened. */
const NOWHERE = '';

async function keep(
  store: CacheStore,
  key: string,
  { sizeLimit, budget }: PutLimits,
  request: IncomingMessage,
): Promise<PutOutcome | Refusal> {
  // The parser ends a body at its announced length.
  const announced = Number(request.headers['content-length'] ?? Infinity);
  const release = announced <= IN_MEMORY ? () => undefined : budget.take(announced);
  try {
    if (release === undefined) return await keepFile(store, key, sizeLimit, request);
    return await keepBytes(store, key, await receiveBytes(request));
  } catch (error) {
    if (error instanceof CutOff) throw error.cause;
    // Such as a full disk. The task has succeeded nevertheless.
    return 'failed';
  } finally {
    release?.();
  }
}

/** An archive is stored as its largest file if that is possible. */
async function keepBytes(store: CacheStore, key: string, archive: Buffer): Promise<PutOutcome | Refusal> {
  if (archive.length === 0) return 'empty';
  const apart = await takeApartInMemory(archive);
  const attachments = apart && encodeFrame(apart.frame);
  if (apart === undefined || attachments === undefined) return store.put(factsOf(key), archive);
  return store.put(factsOf(key, attachments), apart.bytes, { content: apart.content });
}

async function keepFile(
  store: CacheStore,
  key: string,
  sizeLimit: number,
  request: IncomingMessage,
): Promise<PutOutcome | Refusal> {
  const path = await store.temporaryFile().catch(() => NOWHERE);
  try {
    const received = await receiveFile(request, path, sizeLimit);
    if (typeof received === 'string') return received;
    const whole = { takeOwnership: true, content: received };
    return (
      (await keepFileApart(store, key, { path, size: received.size })) ?? (await store.put(factsOf(key), path, whole))
    );
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** @returns undefined for an archive that is to be stored as it is */
async function keepFileApart(
  store: CacheStore,
  key: string,
  archive: { path: string; size: number },
): Promise<PutOutcome | undefined> {
  const path = await store.temporaryFile();
  try {
    const apart = await takeApart(archive, path);
    const attachments = apart && encodeFrame(apart.frame);
    if (apart === undefined || attachments === undefined) return undefined;
    return await store.put(factsOf(key, attachments), path, { takeOwnership: true, content: apart.content });
  } finally {
    await removeFile(path);
  }
}

function factsOf(key: string, attachments: EntryRecord['attachments'] = {}): Parameters<CacheStore['put']>[0] {
  return { kind: 'nx', key, fileName: '', attachments };
}

/** Sends a short response. The rest of the body is read and dropped: a client that is still sending would see a reset instead of the response. */
function reply(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  request.resume();
  if (response.headersSent) return;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The token of `Authorization: Bearer <token>`; empty without one, or with several headers. */
export function bearerToken({ headersDistinct: { authorization = [] } }: IncomingMessage): string {
  const [first = ''] = authorization.length === 1 ? authorization : [];
  return /^Bearer +(\S+)$/i.exec(first)?.[1] ?? '';
}

/** Compares in constant time. */
export function isSameToken(found: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(found), digest(expected));
}
