// Nx's self-hosted remote cache protocol: GET and PUT of /v1/cache/<hash>, with a bearer token. Nx's client fails a run on any response to a GET
// except 200 and 404, and a task on any response to a PUT except 200, 403 and 409; so errors are reported as 404 or 403.
import { createHash, timingSafeEqual } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http';
import { encodeFrame } from '../archive/archive-frame.js';
import { takeApart } from '../archive/take-apart.js';
import type { Digested } from '../content/digest.js';
import { PieceWriter } from '../content/file-pieces.js';
import { removeFile } from '../content/remove-file.js';
import type { EntryRecord } from '../entry/record.js';
import { isEntryKey, type EntryKind } from '../names/object-keys.js';
import type { PutOutcome, Store, StoreHit } from '../store/store.js';
import { openArchive, sendArchive } from './send-archive.js';

/** The part of a store that the protocol needs. */
export type CacheStore = Pick<Store, 'canWrite' | 'temporaryFile' | 'put'> & {
  get(
    kind: EntryKind,
    key: string,
  ): Promise<(Pick<StoreHit, 'path' | 'release'> & { record: Pick<EntryRecord, 'attachments'> }) | undefined>;
};

export interface CacheListenerOptions {
  /** Selects the store of the caller. Called before the body of a PUT has arrived, and must not read it. */
  authorize(request: IncomingMessage): Access | Promise<Access>;
  /** Maximum size of a body, in bytes. */
  sizeLimit?: number;
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
  return (request, response) => {
    answer(options, request, response).catch(() => {
      // The connection is closed, or the announced body cannot be completed: the client must notice that it is incomplete.
      response.destroy();
    });
  };
}

async function answer(
  options: CacheListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, key = ''] = PATH.exec(request.url ?? '') ?? [];
  const access = await Promise.resolve(options.authorize(request)).catch((): Access => 'unauthorized');
  if (access === 'unauthorized') reply(request, response, 401, 'The bearer token is not valid for this server');
  else if (request.method === 'PUT' && isEntryKey(key))
    await take(access.store, key, options.sizeLimit ?? Infinity, request, response);
  else if (request.method === 'GET' && isEntryKey(key)) await give(access.store, key, request, response);
  else reply(request, response, request.method === 'PUT' ? 403 : 404, 'Not in the cache');
}

/** Sends the headers after the file was verified, so that an error of the store is a miss. */
async function give(store: CacheStore, key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hit = await store.get('nx', key).catch(() => undefined);
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
  sizeLimit: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const tooLarge = `More than ${sizeLimit} bytes, the maximum of this server`;
  if (!store.canWrite) reply(request, response, 403, 'The cache is read-only for this caller');
  else if (Number(request.headers['content-length'] ?? 0) > sizeLimit) reply(request, response, 403, tooLarge);
  else {
    const outcome = await keep(store, key, sizeLimit, request);
    if (outcome === 'stored') reply(request, response, 200, '');
    else if (outcome === 'conflict') reply(request, response, 409, 'The hash has another archive, which stays');
    else if (outcome === 'empty') reply(request, response, 403, 'Expected an archive and its Content-Length');
    else reply(request, response, 403, outcome === 'too large' ? tooLarge : 'Not stored');
  }
}

/** A path that cannot be opened. */
const NOWHERE = '';

/** `empty`: no body, or none was announced. An empty archive would fail the runs of all readers. */
type Refusal = 'too large' | 'empty' | 'failed';

async function keep(
  store: CacheStore,
  key: string,
  sizeLimit: number,
  request: IncomingMessage,
): Promise<PutOutcome | Refusal> {
  const path = await store.temporaryFile().catch(() => NOWHERE);
  try {
    const received = await receive(request, path, sizeLimit);
    if (typeof received === 'string') return received;
    return (await putApart(store, key, { path, ...received })) ?? (await put(store, key, { path, ...received }));
  } catch (error) {
    if (error instanceof CutOff) throw error.cause;
    // Such as a full disk. The task has succeeded nevertheless.
    return 'failed';
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

interface StoredFile extends Digested {
  path: string;
}

function put(
  store: CacheStore,
  key: string,
  { path, ...content }: StoredFile,
  attachments: EntryRecord['attachments'] = {},
): Promise<PutOutcome> {
  const facts = { kind: 'nx', key, fileName: '', attachments } as const;
  return store.put(facts, path, { takeOwnership: true, content });
}

/** Stores the archive as its largest file, which the store may have already. @returns undefined for an archive that is to be stored as it is */
async function putApart(store: CacheStore, key: string, archive: StoredFile): Promise<PutOutcome | undefined> {
  const path = await store.temporaryFile();
  try {
    const apart = await takeApart(archive, path);
    const attachments = apart && encodeFrame(apart.frame);
    if (apart === undefined || attachments === undefined) return undefined;
    return await put(store, key, { path, ...apart.content }, attachments);
  } finally {
    await removeFile(path);
  }
}

class CutOff extends Error {}

/**
 * Writes the body to a new file and digests it. If that fails, the rest of the body is still read: Nx's client fails the task on a reset instead
 * of a response.
 */
async function receive(request: IncomingMessage, path: string, sizeLimit: number): Promise<Digested | Refusal> {
  const file = await open(path, 'wx', 0o600).catch(() => undefined);
  const writer = file && new PieceWriter(file);
  const hash = createHash('sha256');
  try {
    let size = 0;
    let refusal: Refusal | undefined = writer === undefined ? 'failed' : undefined;
    for await (const chunk of readBody(request)) {
      size += chunk.length;
      if (size > sizeLimit) refusal = 'too large';
      if (refusal !== undefined) continue;
      hash.update(chunk);
      if (!(await isWritten(writer?.write(chunk)))) refusal = 'failed';
    }
    if (!(await isWritten(writer?.finish()))) refusal ??= 'failed';
    if (size === 0) refusal ??= 'empty';
    return refusal ?? { size, sha256: hash.digest('hex') };
  } finally {
    await file?.close();
  }
}

async function isWritten(writing: Promise<void> | undefined): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch {
    return false;
  }
}

async function* readBody(request: IncomingMessage): AsyncIterable<Buffer> {
  try {
    yield* request as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new CutOff('The body was cut off', { cause });
  }
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
